"""What a gateway enforces at this moment, in memory and on disk, and how it is replaced."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from gateway.compiling import Compiler
from gateway.errors import frames
from gateway.holdings import Holdings
from gateway.pauses import let_go, uncollected
from gateway.registry.cipher import Cipher
from gateway.registry.models import ApiKey, Record, State
from gateway.snapshots import SnapshotKeeper
from guards import RuleSet, Thresholds
from guards.segments import Compaction

log = logging.getLogger(__name__)

_MANY = 10_000
"""Rules that the collector of garbage takes milliseconds to walk through."""

_REMEMBERED = 16_384
"""Changes that are remembered: engines are given what changed since they were looked at last."""

_PATIENCE_S = 2.0
"""Seconds for which chats may still be judged by segments that were replaced."""


class Enforced:
    """The holdings, swapped whole, one step after the other; the snapshot on disk follows.

    Rules are compiled in a thread, and merged in another, so that a filing never waits for that.
    """

    def __init__(
        self, compiler: Compiler, cipher: Cipher, snapshot: Path, thresholds: Thresholds
    ) -> None:
        self.holdings = Holdings(rules=RuleSet.build((), 0, thresholds, compiler.encoder.adapter))
        self.loaded = False
        """Whether the holdings are those of a registry or of a snapshot: they can be trusted."""
        self.snapshot = snapshot
        self._journal: deque[tuple[int, int, frozenset[str]]] = deque(maxlen=_REMEMBERED)
        """The last changes: from which revision to which, and the records that they concerned."""
        self._compiler = compiler
        self._keeper = SnapshotKeeper(snapshot, cipher, lambda: self.holdings)
        self._swapping = asyncio.Lock()
        self._merging: asyncio.Task[None] | None = None
        self._compiling = threads(1, "compile")
        self._merger = threads(1, "merge")

    def start(self) -> None:
        """Keep the snapshot from now on."""
        self._keeper.start()

    @property
    def unsaved_s(self) -> float:
        """Seconds for which a change has waited to be written into the snapshot."""
        return self._keeper.unsaved_s

    @property
    def unsavable(self) -> bool:
        """Whether the snapshot could not be written the last time."""
        return self._keeper.fails

    async def saved(self, within_s: float) -> None:
        """Wait until the holdings are on disk too, but not longer."""
        await self._keeper.saved(within_s)

    async def stop(self) -> None:
        """Save the snapshot and give the threads back."""
        if self._merging is not None:
            self._merging.cancel()
            await asyncio.gather(self._merging, return_exceptions=True)
        await self._keeper.stop()
        for pool in (self._compiling, self._merger):
            pool.shutdown(wait=False, cancel_futures=True)

    async def restore(self) -> None:
        """Enforce the snapshot on disk, if there is one.

        Raises `RegistryError`, `RuleError` and `OSError` where it cannot be used.
        """
        state = await self._keeper.load()
        if state is not None:
            await self._take(state, {record.id: record for record in state.records})

    async def take(self, state: State) -> None:
        """Enforce a whole state; raises as `Holdings.of_state` does."""
        await self._take(state, self.holdings.records if self.loaded else None)

    async def change(
        self, records: Iterable[Record], keys: Iterable[ApiKey] | None, revision: int
    ) -> None:
        """Enforce changes up to a revision; raises as `Holdings.with_changes` does."""
        records = list(records)
        began = self.holdings.rules.revision
        await self._swap(lambda held: held.with_changes(records, keys, revision, self._compiler))
        self._journal.append((began, revision, frozenset(record.id for record in records)))
        self._keeper.changed(record.id for record in records)
        self._merge()

    def changed_since(self, revision: int) -> frozenset[str] | None:
        """The records that have changed since a revision; None where that is not known any more."""
        if revision >= self.holdings.rules.revision:
            return frozenset()
        if not self._journal or self._journal[0][0] > revision:
            return None
        return frozenset().union(*(ids for _, ended, ids in self._journal if ended > revision))

    async def _take(self, state: State, saved: Mapping[str, Record] | None) -> None:
        """`saved` are the records that the snapshot has; None where it counts no more."""
        self._journal.clear()
        with uncollected():
            await self._swap(lambda held: held.of_state(state, self._compiler))
            if not self.loaded and len(state.records) >= _MANY:
                gc.freeze()
        if saved is None:
            self._keeper.replaced()
        else:
            self._keeper.changed(await asyncio.to_thread(self.holdings.differing, saved))
        self.loaded = True
        self._merge()

    async def _swap(self, compute: Callable[[Holdings], Holdings]) -> None:
        """Compute new holdings in a thread; none is lost, for the next begins with them."""
        loop = asyncio.get_running_loop()
        async with self._swapping:
            self.holdings = await loop.run_in_executor(self._compiling, compute, self.holdings)

    def _merge(self) -> None:
        """Merge segments of the rule set in the background, unless that is going on."""
        if self._merging is None or self._merging.done():
            self._merging = asyncio.create_task(self._merge_all())

    async def _merge_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while found := await loop.run_in_executor(self._merger, _compacted, self.holdings):
                await self._swap(partial(Holdings.with_compacted, compaction=found))
                if _large(found):
                    pieces = found.pieces()
                    del found
                    await asyncio.sleep(_PATIENCE_S)
                    await loop.run_in_executor(self._merger, let_go, pieces)
        except Exception as error:  # nothing is lost: rules are looked for in more places
            log.error("Rules could not be merged:\n%s", frames(error))


def threads(count: int, name: str) -> ThreadPoolExecutor:
    """Threads whose numeric libraries start no further ones, which would fight for the cores."""
    return ThreadPoolExecutor(count, name, initializer=threadpool_limits, initargs=(1, "openmp"))


def _compacted(held: Holdings) -> Compaction | None:
    with uncollected():
        found = held.rules.compacted()
        if found is not None and _large(found):
            gc.freeze()
    return found


def _large(compaction: Compaction) -> bool:
    return sum(len(segment.rules) for segment in compaction.merged) >= _MANY
