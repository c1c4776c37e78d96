"""Outcomes in Redis: a hash for each hour, which expires; nothing in it tells of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gateway.registry import keys
from gateway.registry.outcomes import HOUR_S, Counts
from gateway.registry.redis_ledger import RedisLedger, hash_of

_CLOSED = b"closed"
_GRACE_S = 60
"""Seconds for which an hour is left alone once it is over."""
_TOGETHER = 1_000
"""Counts that are added at once: Redis is busy with them for a millisecond."""
_SOME = 48


class RedisOutcomes:
    """`OutcomeStore` in the Redis of a ledger."""

    def __init__(self, ledger: RedisLedger) -> None:
        self._ledger = ledger

    async def add(self, sender: str, number: int, counts: Counts, keep_s: int) -> None:
        """Add counts to the present hour."""
        names = [keys.OUTCOMES, keys.OUTCOME_HOURS, keys.OUTCOMES_OPEN, keys.OUTCOMES_SEEN + sender]
        rows = [(f"{name} {outcome}", count) for (name, outcome), count in counts.items()]
        for first in range(0, len(rows), _TOGETHER):
            some = rows[first : first + _TOGETHER]
            # A part of a batch has its own place in the order of what the sender sent.
            place = f"{number:012d}.{first:09d}"
            args: list[Any] = [place, keep_s, *(value for row in some for value in row)]
            await self._ledger.run("count", names, args)

    async def ended(self) -> Sequence[int]:
        """Hours that are over and that nobody has called closed."""
        _, _, ((seconds, _),) = await self._ledger.read(("TIME",))
        until = int(seconds) - HOUR_S - _GRACE_S
        _, _, (found,) = await self._ledger.read(
            ("ZRANGEBYSCORE", keys.OUTCOMES_OPEN, "-inf", until, "LIMIT", 0, _SOME)
        )
        return [int(hour) for hour in found]

    async def freeze(self, hour: int) -> Counts:
        """The table of an hour, to which nothing is added from here on."""
        _, found = await self._ledger.run("freeze", [f"{keys.OUTCOMES}{hour}"], [])
        return _counts(hash_of(found).items())

    async def closed(self, hour: int) -> None:
        """The audit has been told of an hour."""
        await self._ledger.read(("ZREM", keys.OUTCOMES_OPEN, hour))

    async def hours(self, since: int, until: int, limit: int) -> Sequence[int]:
        """Hours with counts from one time until before another."""
        _, _, (found,) = await self._ledger.read(
            ("ZRANGEBYSCORE", keys.OUTCOME_HOURS, since, f"({until}", "LIMIT", 0, limit)
        )
        return [int(hour) for hour in found]

    async def table(self, hour: int) -> Counts:
        """The table of an hour."""
        _, _, (found,) = await self._ledger.read(("HGETALL", f"{keys.OUTCOMES}{hour}"))
        return _counts(found.items())


def _counts(fields: Iterable[tuple[bytes, bytes]]) -> Counts:
    return {_row(field): int(count) for field, count in fields if field != _CLOSED}


def _row(field: bytes) -> tuple[str, str]:
    name, _, outcome = field.decode().partition(" ")
    return name, outcome
