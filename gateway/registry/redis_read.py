"""Reading forget requests out of Redis, one or thousands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from gateway.ahead import ahead
from gateway.registry import common, keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import (
    RECORD_FIELDS,
    open_note,
    open_version,
    read_values,
    subject_lookup,
    submission_lookup,
    to_microseconds,
)
from gateway.registry.filing import REGULATIONS
from gateway.registry.models import Note, Record, Version
from gateway.registry.redis_link import RedisLink
from gateway.registry.status import Status

_NEVER = 2**53
"""A position that no request has."""

_Sealed = tuple[str, Sequence[bytes | None]]
"""The id of a request, and the values of `RECORD_FIELDS`."""

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
        self, index: str, after: int, count: int, before: int | None = None
    ) -> list[tuple[str, int]]:
        """Ids in the order of filing, each with its position, between two positions."""
        end = "+inf" if before is None else f"({before}"
        (found,) = await self._link.read(
            ("ZRANGEBYSCORE", index, f"({after}", end, "WITHSCORES", "LIMIT", 0, count)
        )
        # One reply in turn: id, position, id, position …
        return [
            (name.decode(), int(position))
            for name, position in zip(found[::2], found[1::2], strict=True)
        ]

    async def position_at(self, index: str, moment: datetime) -> int:
        """The position of the first request of an index that was received then or later.

        By halving: those that were filed later were received later, but for the clocks of
        several gateways.
        """
        (size,) = await self._link.read(("ZCARD", index))
        low, high, wanted = 0, int(size), to_microseconds(moment)
        while low < high:
            middle = (low + high) // 2
            (found,) = await self._link.read(("ZRANGE", index, middle, middle))
            (time,) = await self._link.read(
                ("HGET", keys.request(found[0].decode()), "received_time")
            )
            low, high = (middle + 1, high) if int(time) < wanted else (low, middle)
        (found,) = await self._link.read(("ZRANGE", index, low, low, "WITHSCORES"))
        return int(found[1]) if found else _NEVER

    async def about(self, folded_name: str, after: int, count: int) -> list[tuple[str, int]]:
        """Ids of the requests about a subject in the order of filing, each with its position."""
        key = keys.SUBJECT + subject_lookup(folded_name, self._cipher)
        (ids,) = await self._link.read(("SMEMBERS", key))
        if not ids:
            return []
        (positions,) = await self._link.read(("ZMSCORE", keys.INDEX, *ids))
        places = sorted(
            (int(position), name.decode())
            for name, position in zip(ids, positions, strict=True)
            if position is not None
        )
        return [(name, position) for position, name in places if position > after][:count]

    async def submitted(self, submission: UUID) -> Sequence[Record]:
        """The request with a subject_request_id, if there is one."""
        lookup = submission_lookup(submission, self._cipher)
        (known,) = await self._link.read(("HGET", keys.SUBMISSIONS, lookup))
        return () if known is None else await self.several([known.decode().split(" ")[1]])

    async def overdue(
        self, regulation: str | None, until: datetime, skipped: int, count: int
    ) -> Sequence[str]:
        """Ids of the unanswered requests whose due date is over, the oldest date first."""
        (found,) = await self._link.read(
            ("ZRANGEBYSCORE", keys.due(regulation), "-inf", f"({to_microseconds(until)}",
             "LIMIT", skipped, count)
        )  # fmt: skip
        return [request_id.decode() for request_id in found]

    async def count_overdue(self, now: datetime) -> Mapping[str, int]:
        """How many requests of each regulation are unanswered past their due date."""
        until = f"({to_microseconds(now)}"
        found = await self._link.read(
            *(("ZCOUNT", keys.due(regulation), "-inf", until) for regulation in REGULATIONS)
        )
        return dict(zip(REGULATIONS, map(int, found), strict=True))

    async def versions(self, record: Record, after: int, limit: int) -> Sequence[Version]:
        """The versions of a filing that follow one by number, as many as a page holds."""
        key = keys.VERSIONS + record.id
        numbers = range(after + 1, min(after + limit, record.version) + 1)
        kept = [number for number in numbers if number < record.version]
        if kept:
            sizes = await self._link.read(*(("HSTRLEN", key, number) for number in kept))
            shown = kept[: common.fitting(map(int, sizes))]
            (found,) = await self._link.read(("HMGET", key, *shown))
        else:
            shown, found = [], []
        versions = [
            open_version(record.id, number, sealed, self._cipher)
            for number, sealed in zip(shown, found, strict=True)
            if sealed is not None
        ]
        if len(shown) == len(kept) and record.version in numbers:
            versions.append(Version(record.version, record.filed))
        return versions

    async def notes(self, request_id: str) -> Sequence[Note]:
        """The notes on a request, oldest first."""
        (found,) = await self._link.read(("LRANGE", keys.NOTES + request_id, 0, -1))
        return [open_note(request_id, sealed, self._cipher) for sealed in found]

    async def several(self, ids: Sequence[str]) -> Sequence[Record]:
        """The records with these ids, from the first, as many as a page holds; one at least."""
        return await self._opened(await self._sealed(ids)) if ids else ()

    async def every(self, ids: Sequence[str]) -> Sequence[Record]:
        """The records with these ids."""
        records: list[Record] = []
        while len(records) < len(ids):
            records += await self.several(ids[len(records) :])
        return records

    async def all_in(
        self, status: Status, held: Mapping[str, Record]
    ) -> AsyncIterator[Sequence[Record]]:
        """All records in a status, in batches; those of `held` where they have not changed."""
        async with (
            aclosing(self._sealed_in(status, held)) as batches,
            aclosing(ahead(batches)) as coming,
        ):
            async for same, found in coming:
                yield [*same, *await self._opened(found)]

    async def _sealed_in(
        self, status: Status, held: Mapping[str, Record]
    ) -> AsyncGenerator[tuple[Sequence[Record], Sequence[_Sealed]]]:
        """Batches of a status: what is held and has not changed, and what is to be opened."""
        position = 0
        while batch := await self.positions(keys.index(status), position, _BATCH):
            position = batch[-1][1]
            same = await self._unchanged([held[name] for name, _ in batch if name in held])
            kept = {record.id for record in same}
            left = [name for name, _ in batch if name not in kept]
            if same:
                yield same, ()
            while left:
                found = await self._sealed(left)
                yield (), found
                left = left[len(found) :]

    async def _unchanged(self, known: Sequence[Record]) -> Sequence[Record]:
        """Those of some records that are in Redis as they are here."""
        if not known:
            return ()
        found = await self._link.read(
            *(("HMGET", keys.request(r.id), "version", "revision") for r in known), atomic=False
        )
        return [
            record
            for record, (version, revision) in zip(known, found, strict=True)
            if (version, revision) == (b"%d" % record.version, b"%d" % record.revision)
        ]

    async def _sealed(self, ids: Sequence[str]) -> Sequence[_Sealed]:
        """Ids with the values of their records, from the first, as many as a page holds."""
        names = [keys.request(request_id) for request_id in ids]
        found = await self._link.read_by("read", names, (common.PAGE_BYTES, *RECORD_FIELDS))
        return list(zip(ids, found, strict=False))

    async def _opened(self, found: Sequence[_Sealed]) -> Sequence[Record]:
        """The records, opened in a thread."""
        return await asyncio.to_thread(
            lambda: [read_values(name, values, self._cipher) for name, values in found]
        )


def _values_of(request_id: str) -> Sequence[str]:
    # Not HGETALL: without the names of the fields, half as much is to be parsed.
    return "HMGET", keys.request(request_id), *RECORD_FIELDS
