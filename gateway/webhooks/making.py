"""Makes deliveries of what the audit tells, each once, however often gateways end meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.registry.errors import Unreadable
from gateway.registry.filing import Filing
from gateway.registry.hooks import Delivery, Recipient
from gateway.registry.models import Record
from gateway.registry.redis_deliveries import Told
from gateway.registry.redis_store import RedisRegistry
from gateway.webhooks.events import Happening, deliveries_of, happenings

log = logging.getLogger(__name__)

_ENTRIES = 200
_RECORDS = 200
_TOGETHER = 2_000
"""Requests that are looked at, and deliveries that are put into Redis, at once; but for an entry
that tells of more, or makes more, by itself."""


@dataclass(frozen=True, slots=True)
class Maker:
    """Walks the audit from where it was left, whoever did so last."""

    registry: RedisRegistry

    async def make(self, block_s: float) -> None:
        """Make deliveries of the next entries; waits for the first.

        They wait from the moment on at which the cursor moves: none is lost and none is made twice.
        Nobody is told of a request that cannot be read: it holds the others up by nothing.
        """
        queue = self.registry.deliveries
        cursor, untold = await queue.untold(_ENTRIES, block_s)
        if not untold:
            return
        happened = together(untold)
        ids = dict.fromkeys(each.request_id for of_entry in happened for each in of_entry)
        records = await self._records(list(ids))
        recipients = await self.registry.recipients.all() if ids else ()
        made: list[Delivery] = []
        to = cursor
        for told, of_entry in zip(untold, happened, strict=False):
            more: list[Delivery] = []
            for each in of_entry:
                more += await self._made(each, records, recipients)
                await asyncio.sleep(0)  # hundreds are completed at once; chats want their turn
            if made and len(made) + len(more) > _TOGETHER:
                break
            made += more
            to = told.entry.number
        await queue.enqueue(cursor, to, made)

    async def _records(self, ids: Sequence[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for begin in range(0, len(ids), _RECORDS):
            found |= await self.registry.deliveries.records(ids[begin : begin + _RECORDS])
        # Each reads its filing once; some are large.
        await asyncio.to_thread(_read, found.values())
        return found

    async def _made(
        self, happening: Happening, records: dict[str, Record], recipients: Sequence[Recipient]
    ) -> list[Delivery]:
        record = records.get(happening.request_id)
        if record is None:
            return []
        version = await self._version(happening, record)
        lookup = self.registry.deliveries.lookup
        try:
            filing = await filing_at(self.registry, record, version)
            return list(
                deliveries_of(
                    happening, record, version, filing, recipients=recipients, lookup=lookup
                )
            )
        except Unreadable as error:
            log.error("Webhooks about %s are left out: %s", record.id, error)
            return []

    async def _version(self, happening: Happening, record: Record) -> int:
        """The version of a request that held when something happened to it."""
        entry = happening.told.entry
        if entry.version is not None:
            return entry.version
        if record.revision <= entry.revision:  # it has not changed since
            return record.version
        events = await self.registry.events(record.id)
        versions = (each.version for each in reversed(events) if each.number < entry.number)
        return next(version for version in versions if version is not None)


async def filing_at(registry: RedisRegistry, record: Record, version: int) -> Filing:
    """What was filed in a version of a request; raises `Unreadable`."""
    if version == record.version:
        return record.filing
    versions = await registry.versions(record, version - 1, 1)
    return next(each.filing for each in versions if each.version == version)


def together(untold: Iterable[Told]) -> list[list[Happening]]:
    """What happened by the first of some entries: one can tell of hundreds of requests.

    All of them together would be a hundred thousand records at once.
    """
    found: list[list[Happening]] = []
    count = 0
    for told in untold:
        of_entry = list(happenings(told))
        count += len(of_entry)
        if found and count > _TOGETHER:
            break
        found.append(of_entry)
    return found


def _read(records: Iterable[Record]) -> None:
    for record in records:
        with contextlib.suppress(Unreadable):  # it is told where it is needed
            _ = record.filing
