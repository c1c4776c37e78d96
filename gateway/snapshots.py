"""Keeps the encrypted snapshot on disk up with what a gateway enforces."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.holdings import Holdings
from gateway.registry.cipher import Cipher
from gateway.registry.models import ApiKey, State
from gateway.registry.snapshot import SnapshotFile

log = logging.getLogger(__name__)

_PAUSE_S = 1.0
_SHARE = 10
"""Writing takes at most a tenth of the time: now and then a long list is written whole."""


class SnapshotKeeper:
    """Writes what has changed into the snapshot, soon, and at once for whoever waits for it.

    One thread of its own: two writers would tear each other's file, and a cancelled task does
    not end the thread that it waited for.
    """

    def __init__(self, path: Path, cipher: Cipher, held: Callable[[], Holdings]) -> None:
        self.path = path
        self._file = SnapshotFile(path, cipher)
        self._held = held
        self._changed: set[str] = set()
        self._whole = False
        self._keys: Mapping[bytes, ApiKey] | None = None  # as they were written last
        self._dirty = asyncio.Event()
        self._behind_since: float | None = None
        self._writer = ThreadPoolExecutor(1, "snapshot")
        self._task: asyncio.Task[None] | None = None
        self._saving = asyncio.Lock()
        self._urgent: asyncio.Task[None] | None = None
        self._trouble: str | None = None

    async def load(self) -> State | None:
        """The state that was saved last; raises `RegistryError` and `OSError`."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._file.load)

    def start(self) -> None:
        """Write from now on."""
        self._task = asyncio.create_task(self._keep())

    def changed(self, ids: Iterable[str]) -> None:
        """The records with these ids have changed or are held no more, perhaps the keys too."""
        self._changed.update(ids)
        self._soil()

    def replaced(self) -> None:
        """Nothing that was saved before counts any more."""
        self._whole = True
        self._soil()

    @property
    def unsaved_s(self) -> float:
        """Seconds for which a change has waited to be written; 0 while nothing has."""
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def fails(self) -> bool:
        """Whether it could not be written the last time."""
        return self._trouble is not None

    async def saved(self, within_s: float) -> None:
        """Write what has changed and wait for it, but not long: a slow disk holds nobody up."""
        if self._trouble is not None:  # it was told, and is tried again without us
            return
        if self._urgent is None or self._urgent.done():
            self._urgent = asyncio.create_task(self._save())
        await asyncio.wait((self._urgent,), timeout=within_s)

    async def stop(self) -> None:
        """Write what is left and give the thread back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._save()
        await asyncio.to_thread(self._writer.shutdown)

    async def _keep(self) -> None:
        while True:
            await self._dirty.wait()
            began = time.monotonic()
            await self._save()
            await asyncio.sleep(max(_PAUSE_S, _SHARE * (time.monotonic() - began)))

    async def _save(self) -> None:
        async with self._saving:
            if self._dirty.is_set():
                await self._save_changed()

    async def _save_changed(self) -> None:
        self._dirty.clear()
        began = time.monotonic()
        ids, self._changed = self._changed, set()
        whole, self._whole = self._whole, False
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._write, self._held(), ids, whole)
        except (OSError, asyncio.CancelledError) as error:
            # Once more, then: a thread that was not even begun may be what was cancelled.
            self._changed |= ids
            self._whole |= whole
            self._dirty.set()
            if not isinstance(error, OSError):
                raise
            if str(error) != self._trouble:  # told once, tried again
                log.error("The snapshot %s cannot be written: %s", self.path, error)
            self._trouble = str(error)
        else:
            self._trouble = None
            self._behind_since = began if self._dirty.is_set() else None

    def _soil(self) -> None:
        self._dirty.set()
        if self._behind_since is None:
            self._behind_since = time.monotonic()

    def _write(self, held: Holdings, ids: set[str], whole: bool) -> None:
        keys = None if held.keys is self._keys else tuple(held.keys.values())
        delta = held.delta(ids, keys)
        if whole or not self._file.append(delta):
            self._file.replace(held.state)
        self._keys = held.keys
