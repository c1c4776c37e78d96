"""Keeps the encrypted snapshot on disk up with what a gateway enforces."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.registry.cipher import Cipher
from gateway.registry.models import State
from gateway.registry.snapshot import load_snapshot, save_snapshot

log = logging.getLogger(__name__)

_PAUSE_S = 1.0
_SHARE = 10
"""Writing takes at most a tenth of the time: a long list is written whole each time."""


class SnapshotKeeper:
    """Writes a snapshot after changes, soon but not after each.

    One thread of its own: two writers would tear each other's file, and a cancelled task does
    not end the thread that it waited for.
    """

    def __init__(self, path: Path, cipher: Cipher, state: Callable[[], State]) -> None:
        self.path = path
        self._cipher = cipher
        self._state = state
        self._dirty = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, "snapshot")
        self._task: asyncio.Task[None] | None = None
        self._trouble: str | None = None

    async def load(self) -> State | None:
        """The state that was saved last; raises `RegistryError` and `OSError`."""
        return await asyncio.to_thread(load_snapshot, self.path, self._cipher)

    def start(self) -> None:
        """Write from now on."""
        self._task = asyncio.create_task(self._keep())

    def changed(self) -> None:
        """There is something to write."""
        self._dirty.set()

    async def stop(self) -> None:
        """Write what is left and give the thread back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._dirty.is_set():
            await self._save()
        await asyncio.to_thread(self._writer.shutdown)

    async def _keep(self) -> None:
        while True:
            await self._dirty.wait()
            began = time.monotonic()
            await self._save()
            await asyncio.sleep(max(_PAUSE_S, _SHARE * (time.monotonic() - began)))

    async def _save(self) -> None:
        self._dirty.clear()
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                self._writer, save_snapshot, self.path, self._cipher, self._state()
            )
        except OSError as error:
            self._dirty.set()
            if str(error) != self._trouble:  # told once, tried again
                log.error("The snapshot %s cannot be written: %s", self.path, error)
            self._trouble = str(error)
        else:
            self._trouble = None
