"""What one gateway does for all: requests that nobody goes on with expire, hours are closed."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.audit.hours import close_hours
from gateway.registry.amendment import Amendment
from gateway.registry.filter import Filter
from gateway.registry.models import Record
from gateway.registry.moving import amended, undecided
from gateway.registry.status import Status
from gateway.registry.store import Registry

EVERY_S = 60.0
_PAGE = 100


async def expire(registry: Registry, by: str) -> int:
    """Let requests expire whose filer was not identified until they were due; how many.

    By the clock of the store: a gateway's own may have jumped.
    """

    def expired_by(record: Record) -> Amendment | None:
        if record.status is not Status.IDENTITY_UNVERIFIED:
            return None  # an officer was faster
        return Amendment("expired", by, undecided(record, by), Status.EXPIRED)

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


async def keep_house(registry: Registry, gateway_id: str) -> None:
    """Do that, on one gateway of all."""
    by = f"gateway:{gateway_id}"
    if await registry.claim("housekeeping", gateway_id, 2 * EVERY_S):
        await expire(registry, by)
        await close_hours(registry, by)
