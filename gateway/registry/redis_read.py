"""Reading forget requests out of Redis, one or thousands."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from gateway.registry import keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import RECORD_FIELDS, read_values
from gateway.registry.models import Record, Status
from gateway.registry.redis_link import RedisLink

_BATCH = 200
"""Records read together: their replies are parsed in a few milliseconds, and others wait."""


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

    async def all_in(
        self, status: Status, held: Mapping[str, Record]
    ) -> AsyncIterator[Sequence[Record]]:
        """All records in a status, in batches; those of `held` where they have not changed."""
        position = 0
        flying: deque[asyncio.Task[Sequence[Record]]] = deque()
        try:
            while found := await self.positions(status, position, _BATCH):
                flying.append(asyncio.create_task(self._newest([i for i, _ in found], held)))
                if len(flying) > 1:  # while one batch is opened, the next is on its way
                    yield await flying.popleft()
                position = found[-1][1]
            while flying:
                yield await flying.popleft()
        finally:
            for batch in flying:
                batch.cancel()

    async def _newest(self, ids: Sequence[str], held: Mapping[str, Record]) -> Sequence[Record]:
        """The records with these ids; reads in full only what differs from what is held."""
        known = [held[name] for name in ids if name in held]
        if not known:
            return await self.several(ids)
        found = await self._link.read(
            *(("HMGET", keys.request(r.id), "version", "revision") for r in known), atomic=False
        )
        same = [
            record
            for record, (version, revision) in zip(known, found, strict=True)
            if (version, revision) == (b"%d" % record.version, b"%d" % record.revision)
        ]
        kept = {record.id for record in same}
        return [*same, *await self.several([name for name in ids if name not in kept])]

    def _open(self, found: Iterable[tuple[str, Sequence[bytes | None]]]) -> Sequence[Record]:
        return [read_values(i, values, self._cipher) for i, values in found]


def _values_of(request_id: str) -> Sequence[str]:
    # Not HGETALL: without the names of the fields, half as much is to be parsed.
    return "HMGET", keys.request(request_id), *RECORD_FIELDS
