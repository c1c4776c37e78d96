"""Sampled requests: each holds a prompt, so it is sealed, expires, and only auditors read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MOST = 10_000
"""Traces that are kept at a time; the oldest go first."""


@dataclass(frozen=True, slots=True)
class KeptTrace:
    """One trace as it was kept; `content` is JSON."""

    id: str
    time: datetime
    content: bytes = field(repr=False)


class TraceStore(Protocol):
    """Keeps traces, and forgets them. Raises as `Registry` does."""

    async def keep(self, content: bytes, keep_s: int) -> None:
        """Keep a trace for so many seconds."""
        ...

    async def page(self, since: datetime, until: datetime, limit: int) -> Sequence[KeptTrace]:
        """The traces from one time until before another, oldest first, so many at most."""
        ...
