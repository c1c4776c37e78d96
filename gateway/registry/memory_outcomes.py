"""Outcomes in memory: the twin of those in Redis, for tests and benchmarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from gateway.registry.outcomes import HOUR_S, Counts


class MemoryOutcomes:
    """`OutcomeStore` without Redis; `clock` gives seconds since 1970. Nothing expires."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tables: dict[int, Counter[tuple[str, str]]] = {}
        self._frozen: set[int] = set()
        self._closed: set[int] = set()
        self._seen: dict[str, int] = {}

    async def add(self, sender: str, number: int, counts: Counts, keep_s: int) -> None:
        """Add counts to the present hour."""
        if self._seen.get(sender, 0) >= number:
            return
        self._seen[sender] = number
        hour = int(self._clock()) // HOUR_S * HOUR_S
        while hour in self._frozen:
            hour += HOUR_S
        self._tables.setdefault(hour, Counter()).update(counts)

    async def ended(self) -> Sequence[int]:
        """Hours that are over and that nobody has called closed."""
        over = (hour for hour in self._tables if hour + HOUR_S <= self._clock())
        return sorted(hour for hour in over if hour not in self._closed)

    async def freeze(self, hour: int) -> Counts:
        """The table of an hour, to which nothing is added from here on."""
        self._frozen.add(hour)
        return await self.table(hour)

    async def closed(self, hour: int) -> None:
        """The audit has been told of an hour."""
        self._closed.add(hour)

    async def hours(self, since: int, until: int, limit: int) -> Sequence[int]:
        """Hours with counts from one time until before another."""
        return sorted(hour for hour in self._tables if since <= hour < until)[:limit]

    async def table(self, hour: int) -> Counts:
        """The table of an hour."""
        return dict(self._tables.get(hour, {}))
