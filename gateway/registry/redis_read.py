"""Reading forget requests out of Redis, one or thousands, and the list of gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta

from gateway.registry import keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import RECORD_FIELDS, from_microseconds, read_values
from gateway.registry.models import Record, Replica, Status
from gateway.registry.redis_link import RedisLink

_BATCH = 500


class RecordReader:
    """Records by id, by status and by position; opening them happens in a thread."""

    def __init__(self, link: RedisLink, cipher: Cipher) -> None:
        self._link = link
        self._cipher = cipher

    async def one(self, request_id: str) -> Record | None:
        """One record, if there is one."""
        (values,) = await self._link.read(_values_of(request_id))
        if all(value is None for value in values):
            return None
        return read_values(request_id, values, self._cipher)

    async def positions(
        self, status: Status | None, after: int, count: int
    ) -> Sequence[tuple[str, int]]:
        """Ids in the order of filing, each with its position, from a position on."""
        (found,) = await self._link.read(
            ("ZRANGEBYSCORE", keys.index(status), f"({after}", "+inf",
             "WITHSCORES", "LIMIT", 0, count)
        )  # fmt: skip
        # One reply in turn: id, position, id, position …
        return [
            (name.decode(), int(position))
            for name, position in zip(found[::2], found[1::2], strict=True)
        ]

    async def several(self, ids: Sequence[str]) -> Sequence[Record]:
        """The records with these ids; as many as a page or a batch holds."""
        if not ids:
            return ()
        found = await self._link.read(*map(_values_of, ids), atomic=False)
        return await asyncio.to_thread(self._open, list(zip(ids, found, strict=True)))

    async def all_in(self, status: Status) -> AsyncIterator[Sequence[Record]]:
        """All records in a status, in batches, in the order of filing."""
        position = 0
        while found := await self.positions(status, position, _BATCH):
            yield await self.several([request_id for request_id, _ in found])
            position = found[-1][1]

    async def gateways(self, lease: timedelta) -> tuple[Replica, ...]:
        """All registered gateways, by Redis' own clock; live when seen within the lease."""
        (seconds, micros), revisions, seen = await self._link.read(
            ("TIME",), ("HGETALL", keys.GATEWAYS), ("HGETALL", keys.GATEWAYS_SEEN)
        )
        now = from_microseconds(seconds * 1_000_000 + micros)
        replicas = []
        for gateway, revision in sorted(revisions.items()):
            last = from_microseconds(seen[gateway])
            replicas.append(Replica(gateway.decode(), int(revision), last, now - last <= lease))
        return tuple(replicas)

    def _open(self, found: Iterable[tuple[str, Sequence[bytes | None]]]) -> Sequence[Record]:
        return [read_values(i, values, self._cipher) for i, values in found]


def _values_of(request_id: str) -> Sequence[str]:
    # Not HGETALL: without the names of the fields, half as much is to be parsed.
    return "HMGET", keys.request(request_id), *RECORD_FIELDS
