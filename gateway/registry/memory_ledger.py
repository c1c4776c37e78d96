"""The ledger of the registry in memory: the changes, and the epoch and revision to keep to."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from gateway.registry import common
from gateway.registry.models import Change


class MemoryLedger:
    """Changes in the order in which they were made; refuses to go on once some were lost."""

    def __init__(self) -> None:
        self.epoch = str(uuid4())
        self.changes: list[Change] = []
        self._opened: str | None = None
        self._known = 0
        self._grown = asyncio.Event()  # replaced by a new one at every change

    @property
    def revision(self) -> int:
        """The newest revision, 0 before the first change."""
        return self.changes[-1].revision if self.changes else 0

    def open(self) -> str:
        """The epoch; raises `LedgerBroken` for another one than was opened first."""
        if self._opened not in (None, self.epoch):
            raise common.another_ledger()
        self._opened = self.epoch
        return self.epoch

    def check(self, claimed: int = 0) -> None:
        """Raises `LedgerBroken` for another ledger, and for one that ends too early.

        `claimed` is a revision that the caller says has existed.
        """
        known = max(self._known, claimed)
        if self._opened not in (None, self.epoch):
            raise common.another_ledger()
        if self.revision < known:
            raise common.shorter_ledger(self.revision, known)

    def append(self, kind: str, name: str) -> int:
        """Add a change; returns its revision."""
        change = Change(self.revision + 1, kind, name)
        self.changes.append(change)
        self._known = change.revision
        self._grown.set()
        self._grown = asyncio.Event()
        return change.revision

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision; waits for the first."""
        self.check(after)
        if self.revision == after:
            try:
                # Not wait_for: until Python 3.12 it may swallow a cancellation.
                async with asyncio.timeout(block_s):
                    await self._grown.wait()
            except TimeoutError:
                return ()
        self.check(after)
        changes = tuple(change for change in self.changes if change.revision > after)
        common.check_order(changes, after)
        return changes
