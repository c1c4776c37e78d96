"""Hours of outcomes: closed in the audit once they are over, and shown with what proves them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.registry.audit import Deed, Entry
from gateway.registry.outcomes import Counts, about, table_hash, totals
from gateway.registry.store import Registry

ACTION = "outcomes"


async def close_hours(registry: Registry, by: str) -> int:
    """Tell the audit of the hours that are over, so that their counts cannot change; how many.

    May end in the middle, and be called again: an hour is frozen first, told then, and closed last.
    """
    hours = await registry.outcomes.ended()
    for hour in hours:
        counts = await registry.outcomes.freeze(hour)
        # An expired table has nothing left to tell.
        if counts and not await registry.events(about(hour)):
            await registry.log(Deed(ACTION, by, details=_told(hour, counts)), [about(hour)])
        await registry.outcomes.closed(hour)
    return len(hours)


async def hour_view(registry: Registry, hour: int, request_id: str | None) -> dict[str, Any]:
    """The counts of an hour, of one forget request or of all.

    `intact` says whether they are those that the audit was told; null before it was.
    """
    counts = await registry.outcomes.table(hour)
    entries = [e for e in await registry.events(about(hour)) if _is_of(e, hour)]
    found = table_hash(counts)
    shown: dict[str, dict[str, int]] = {}
    for (name, outcome), number in sorted(counts.items()):
        if request_id in (None, name):
            shown.setdefault(name, {})[outcome] = number
    return {
        "hour": at(hour),
        "entry": entries[0].number if entries else None,
        "intact": all(e.details["sha256"] == found for e in entries) if entries else None,
        "sha256": found,
        "counts": shown,
    }


def at(hour: int) -> str:
    """An hour as it is shown: when it began."""
    return datetime.fromtimestamp(hour, UTC).isoformat().replace("+00:00", "Z")


def _told(hour: int, counts: Counts) -> dict[str, Any]:
    return {
        "hour": at(hour),
        "rows": len(counts),
        "totals": totals(counts),
        "sha256": table_hash(counts),
    }


def _is_of(entry: Entry, hour: int) -> bool:
    return entry.action == ACTION and entry.details.get("hour") == at(hour)
