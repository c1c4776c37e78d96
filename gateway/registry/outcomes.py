"""What became of requests: counts for each forget request and hour, and what proves them.

An hour is known by the second at which it began, since 1970, by the clock of the store: counts are
told in the hour in which they arrive. `ALL` stands for all requests, whatever they touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Protocol

Counts = Mapping[tuple[str, str], int]
"""By id of a forget request, or `ALL`, and outcome."""

ALL = "*"
HOUR_S = 3_600


class OutcomeStore(Protocol):
    """Keeps the tables of counts, one an hour. Raises as `Registry` does."""

    async def add(self, sender: str, number: int, counts: Counts, keep_s: int) -> None:
        """Add counts to the present hour, whose table is kept for so many seconds.

        A sender numbers what it sends: what comes again under its number is not added again.
        """
        ...

    async def ended(self) -> Sequence[int]:
        """Hours that are over and that nobody has called closed, some at least."""
        ...

    async def freeze(self, hour: int) -> Counts:
        """The table of an hour, to which nothing is added from here on."""
        ...

    async def closed(self, hour: int) -> None:
        """The audit has been told of an hour."""
        ...

    async def hours(self, since: int, until: int, limit: int) -> Sequence[int]:
        """Hours with counts from one time until before another, the first ones, in order."""
        ...

    async def table(self, hour: int) -> Counts:
        """The table of an hour; empty where there is none."""
        ...


def table_hash(counts: Counts) -> str:
    """SHA-256, in hex, of a table: a line `ID OUTCOME COUNT` for each count, sorted."""
    lines = sorted(f"{name} {outcome} {count}\n" for (name, outcome), count in counts.items())
    return sha256("".join(lines).encode()).hexdigest()


def totals(counts: Counts) -> dict[str, int]:
    """The counts of all requests, by outcome."""
    return {outcome: n for (name, outcome), n in sorted(counts.items()) if name == ALL}


def about(hour: int) -> str:
    """What the audit calls the table of an hour."""
    return f"outcomes:{hour}"
