"""From entries of the audit to what is told to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from yarl import URL

from gateway.opendsr import REQUEST_STATUS
from gateway.registry.filing import Filing
from gateway.registry.hooks import EVENTS, Delivery, Event, Recipient
from gateway.registry.models import Record
from gateway.registry.redis_deliveries import Told
from gateway.registry.status import Status
from gateway.times import timestamp

_SETTLED = frozenset({Status.COMPLETED, Status.PAUSED, Status.LIFTED, Status.CANCELLED})
"""Where a completed request stands, or what may become of it while it keeps that time."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to one request."""

    event: Event
    request_id: str
    status: Status
    told: Told


def happenings(told: Told) -> Iterator[Happening]:
    """What an entry of the audit says of requests; nothing where it is about something else."""
    entry = told.entry
    event = next((event for event in EVENTS if event == entry.action), None)
    if event == "completed":
        for request_id in entry.details["ids"]:
            yield Happening(event, request_id, Status.COMPLETED, told)
    elif event is not None and entry.id is not None:
        status = entry.details["status" if event == "filed" else "to"]
        yield Happening(event, entry.id, Status(status), told)


def body_of(happening: Happening, record: Record, version: int) -> dict[str, Any]:
    """What is told: OpenDSR's callback, and what puts it in its place; no subject, no text.

    `sequence` grows with every event, `revision` with those that change what is enforced.
    """
    entry, filing = happening.told.entry, record.filing
    submitted = filing.subject_request_id
    completed = timestamp(record.completed_time) if happening.status in _SETTLED else None
    return {
        "event": happening.event,
        "time": entry.time,
        "sequence": entry.number,
        "subject_request_id": None if submitted is None else str(submitted),
        "request_id": record.id,
        "request_status": REQUEST_STATUS[happening.status],
        "status": happening.status.value,
        "reason": entry.details.get("reason"),
        "revision": entry.revision,
        "version": version,
        "expected_completion_time": timestamp(record.expected_completion_time),
        "completed_time": completed,
    }


def deliveries_of(
    happening: Happening,
    record: Record,
    version: int,
    filing: Filing,
    *,
    recipients: Sequence[Recipient],
    lookup: Callable[[str], str],
) -> Iterator[Delivery]:
    """To whom a happening is told: the filing's own addresses, and recipients that want it.

    `filing` is the version that held then. The id of a delivery follows from the entry and the
    target: it is the same however often it is made.
    """
    body, entry = body_of(happening, record, version), happening.told.entry

    def delivery(target: str, address: str, recipient: str | None = None) -> Delivery:
        place = recipient or address
        made_of = f"{happening.told.hash}:{record.id}:{place}"
        return Delivery(
            id=f"msg_{lookup(made_of)[:32]}",
            request_id=record.id,
            event=happening.event,
            sequence=entry.number,
            version=version,
            host=URL(address).host or "",
            target=target,
            lane=f"{record.id}:{lookup(place)[:16]}",
            body=body,
            recipient=recipient,
            url=None if recipient else address,
        )

    for address in dict.fromkeys(filing.status_callback_urls):
        # Those of one origin share its patience, whoever filed them.
        origin = f"origin_{lookup(str(URL(address).origin()))[:16]}"
        yield delivery(origin, address)
    for each in recipients:
        wanted = each.events is None or happening.event in each.events
        if wanted and not each.disabled and each.since < entry.number:
            yield delivery(each.id, each.url, each.id)


def subject_part(filing: Filing) -> dict[str, Any]:
    """What a recipient is told that has to know whom a request is about.

    Of a blind one no text is kept that could be told.
    """
    if filing.blind:
        return {"blind": True}
    part = filing.model_dump(mode="json", include={"subject", "scope"})
    part["scope"]["whole_subject"] = filing.whole_subject
    return {"blind": False, **part}
