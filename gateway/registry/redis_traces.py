"""Traces in Redis: sealed strings that expire, and an index by time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from gateway.registry import keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import from_microseconds, to_microseconds
from gateway.registry.places import trace_of
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.traces import MOST, KeptTrace


class RedisTraces:
    """`TraceStore` in the Redis of a ledger."""

    def __init__(self, ledger: RedisLedger, cipher: Cipher) -> None:
        self._ledger = ledger
        self._cipher = cipher

    async def keep(self, content: bytes, keep_s: int) -> None:
        """Keep a trace for so many seconds."""
        trace_id = f"tr_{uuid4().hex}"
        sealed = self._cipher.seal(content, trace_of(trace_id))
        await self._ledger.run("trace", [keys.TRACE, keys.TRACES], [trace_id, sealed, keep_s, MOST])

    async def page(self, since: datetime, until: datetime, limit: int) -> Sequence[KeptTrace]:
        """The traces from one time until before another, oldest first."""
        low, high = to_microseconds(since), f"({to_microseconds(until)}"
        _, _, (found,) = await self._ledger.read(
            ("ZRANGEBYSCORE", keys.TRACES, low, high, "WITHSCORES", "LIMIT", 0, limit)
        )
        if not found:
            return ()
        names, times = [name.decode() for name in found[::2]], map(int, found[1::2])
        _, _, (values,) = await self._ledger.read(("MGET", *(keys.TRACE + name for name in names)))
        return [
            KeptTrace(
                trace_id, from_microseconds(time), self._cipher.open_(sealed, trace_of(trace_id))
            )
            for trace_id, time, sealed in zip(names, times, values, strict=True)
            if sealed is not None  # it has expired
        ]
