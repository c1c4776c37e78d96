"""Which forget requests a list is to hold, from the query string."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from gateway.errors import InvalidRequest
from gateway.http import query_switch
from gateway.registry.filing import REGULATIONS, folded
from gateway.registry.filter import Filter
from gateway.registry.status import Status

FILTERS = (
    "status",
    "regulation",
    "subject",
    "subject_request_id",
    "overdue",
    "received_since",
    "received_until",
)


def wanted(query: Mapping[str, str], now: datetime) -> Filter:
    """The filter of a query string, by the store's time; raises `InvalidRequest`."""
    status, regulation = query.get("status"), query.get("regulation")
    if status is not None and status not in set(Status):
        raise InvalidRequest(f"status must be one of {', '.join(Status)}.", param="status")
    if regulation is not None and regulation not in REGULATIONS:
        raise InvalidRequest(
            f"regulation must be one of {', '.join(REGULATIONS)}.", param="regulation"
        )
    overdue = query_switch(query, "overdue")
    subject = query.get("subject")
    if subject is not None and not folded(subject):
        raise InvalidRequest("subject must be a name.", param="subject")
    return Filter(
        status=None if status is None else Status(status),
        regulation=regulation,
        subject=subject,
        submission=_uuid(query.get("subject_request_id")),
        overdue=now if overdue else None,
        since=moment(query, "received_since"),
        until=moment(query, "received_until"),
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise InvalidRequest(
            "subject_request_id must be a UUID.", param="subject_request_id"
        ) from None


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A time from the query string, UTC where it does not say; raises `InvalidRequest`."""
    text = query.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(
            f"{name} must be a date or a time, such as 2027-01-31 or 2027-01-31T12:00:00Z.",
            param=name,
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
