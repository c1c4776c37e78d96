"""What is kept in Redis must agree with the marked ledger: nobody else can undo a request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from gateway.registry import common
from gateway.registry.models import Change, Record
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.redis_read import RecordReader
from gateway.registry.told import Told

_TRIES = 50
"""How often a record is read again because it was changed meanwhile."""


class RedisTold:
    """Follows the whole ledger from the first `check` on, and compares with it what is read.

    Before, nothing is compared: a command that asks for one record does not walk the ledger.
    """

    def __init__(self, ledger: RedisLedger, reader: RecordReader) -> None:
        self._ledger = ledger
        self._reader = reader
        self._told: Told | None = None

    async def check(
        self, records: Mapping[str, Record], keys: Iterable[str], revision: int
    ) -> None:
        """Raises `LedgerBroken` unless these are the records and API keys of a revision."""
        if self._told is None:
            self._told = Told((await self._ledger.opened()).unmarked)
        await self._follow(self._told)
        self._told.check_keys(keys, revision)
        await asyncio.to_thread(self._told.check, records, revision)

    async def check_keys(self, keys: Iterable[str], revision: int) -> None:
        """Raises `LedgerBroken` unless these are the ids of the API keys of a revision."""
        if self._told is not None:
            await self._follow(self._told)
            self._told.check_keys(keys, revision)

    def saw(self, changes: Iterable[Change]) -> None:
        """Take note of what somebody has followed."""
        if self._told is not None:
            self._told.take(changes)

    async def one(self, request_id: str) -> Record | None:
        """One record, if there is one; raises `LedgerBroken` where it is not as it was left."""
        if (told := self._told) is None:
            return await self._reader.one(request_id)
        for _ in range(_TRIES):
            point = told.of(request_id)
            record = await self._reader.one(request_id)
            if point is None and record is None:
                return None
            if point is not None and record is not None and point.fits(record):
                return record
            if record is None or (point is not None and record.revision <= point.revision):
                raise common.altered_request(request_id)
            await self._follow(told)  # it is newer than what was followed
            point = told.of(request_id)
            if point is None or point.revision < record.revision:
                raise common.altered_request(request_id)
        raise common.crowded()

    async def _follow(self, told: Told) -> None:
        while changes := await self._ledger.entries(told.revision):
            # Who else follows meanwhile takes note of the same; each change counts once.
            told.take(changes)
