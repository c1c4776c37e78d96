"""Traces in memory: the twin of those in Redis, for tests and benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from gateway.registry.traces import MOST, KeptTrace


class MemoryTraces:
    """`TraceStore` without Redis; `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: list[tuple[KeptTrace, datetime]] = []

    async def keep(self, content: bytes, keep_s: int) -> None:
        """Keep a trace for so many seconds."""
        now = self._now
        trace = KeptTrace(f"tr_{uuid4().hex}", now, content)
        self._kept = [*self._kept, (trace, now + timedelta(seconds=keep_s))][-MOST:]

    async def page(self, since: datetime, until: datetime, limit: int) -> Sequence[KeptTrace]:
        """The traces from one time until before another, oldest first."""
        now = self._now
        found = [t for t, gone in self._kept if now < gone and since <= t.time < until]
        return found[:limit]

    @property
    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
