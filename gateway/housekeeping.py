"""What one gateway does for all: requests that nobody goes on with expire, hours are closed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Self

from gateway.audit.hours import close_hours
from gateway.errors import LetheError, frames
from gateway.registry.models import Amendment, Filter, Record, Status
from gateway.registry.moving import amended
from gateway.registry.store import Registry

log = logging.getLogger(__name__)

_EVERY_S = 60.0
_PAGE = 100


async def expire(registry: Registry, by: str) -> int:
    """Let requests expire whose filer was not identified until they were due; how many.

    By the clock of the store: a gateway's own may have jumped.
    """

    def expired_by(record: Record) -> Amendment | None:
        if record.status is not Status.IDENTITY_UNVERIFIED:
            return None  # an officer was faster
        return Amendment("expired", by, replace(record.decided, decided_by=by), Status.EXPIRED)

    now = datetime.fromtimestamp((await registry.health()).clock, UTC)
    expired = 0
    late = Filter(Status.IDENTITY_UNVERIFIED, overdue=now)
    cursor = None
    while True:
        page = await registry.list(late, _PAGE, cursor)
        for record in page.items:
            found = await amended(registry, record.id, expired_by)
            expired += found.status is Status.EXPIRED
        # What has expired is in the list no more: the next page begins where this one did, unless
        # nothing of it was to be done.
        cursor = cursor if page.items else page.next_cursor
        if page.next_cursor is None:
            return expired


class Housekeeper:
    """Does that every minute, on one gateway of all; an async context manager."""

    def __init__(self, registry: Registry, gateway_id: str) -> None:
        self._registry = registry
        self._gateway_id = gateway_id
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        by = f"gateway:{self._gateway_id}"
        while True:
            try:
                if await self._registry.claim("housekeeping", self._gateway_id, 2 * _EVERY_S):
                    await expire(self._registry, by)
                    await close_hours(self._registry, by)
            except LetheError:
                pass  # once more in a minute; what it is, the enforcer tells
            except Exception as error:
                log.error("%s while keeping house\n%s", type(error).__name__, frames(error))
            await asyncio.sleep(_EVERY_S)
