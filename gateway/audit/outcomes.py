"""What becomes of requests, counted in memory and handed to the registry every few seconds."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import count

from gateway.errors import ApiError, Forbidden, LetheError, RateLimited, Unauthenticated
from gateway.registry.outcomes import ALL, Counts, OutcomeStore

log = logging.getLogger(__name__)

_ROWS = 100_000
"""Counts that wait at most; further forget requests are counted together."""
TURNED_AWAY: Mapping[type[ApiError], str] = {
    Unauthenticated: "unauthenticated",
    Forbidden: "forbidden",
    RateLimited: "rate_limited",
}
"""What becomes of requests that nobody was let in with; each wrong key by itself is no event."""
OTHERS = "others"
"""Those whose own counts found no room while the store was away."""


class Outcomes:
    """Counts for one process; what waits here is lost only when the process is killed."""

    def __init__(self, store: OutcomeStore, days: int) -> None:
        self._store = store
        self._keep_s = days * 86_400
        self._sender = secrets.token_hex(8)
        self._numbers = count(1)
        self._waiting: Counter[tuple[str, str]] = Counter()
        self._sent: tuple[int, Counts] | None = None
        """What was sent last, where it is not known whether it came."""

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, outcome: str, touched: Mapping[str, str] | None = None) -> None:
        """Count a request, and what became of it for each forget request that it touched."""
        self._count(ALL, outcome)
        for request_id, own in (touched or {}).items():
            self._count(request_id, own)

    def let_pass(self, ids: Collection[str]) -> None:
        """Count that forget requests were touched which do not act."""
        for request_id in ids:
            self._count(request_id, "allowed")

    async def flush(self) -> None:
        """Hand over what waits; raises as `Registry` does, and keeps it then."""
        # What may have come is sent again under its number, by which the store knows it.
        while self._sent is not None or self._waiting:
            if self._sent is None:
                self._sent = next(self._numbers), self._waiting
                self._waiting = Counter()
            await self._store.add(self._sender, *self._sent, self._keep_s)
            self._sent = None

    async def finish(self) -> None:
        """Hand over the last of it; what the store does not take is lost, and told in the log."""
        try:
            await self.flush()
        except LetheError as error:
            lost = sum(self._waiting.values()) + sum(self._sent[1].values() if self._sent else ())
            log.warning("%d counts of outcomes are lost with this process: %s", lost, error)

    def _count(self, name: str, outcome: str) -> None:
        row = name, outcome
        if len(self._waiting) >= _ROWS and row not in self._waiting:
            row = OTHERS if name != ALL else ALL, outcome
        self._waiting[row] += 1
