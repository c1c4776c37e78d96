"""What every registry says and checks in the same way, whatever it keeps its records in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from itertools import accumulate, takewhile
from typing import Any

from gateway.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    RegistryUnavailable,
    TooManyPending,
)
from gateway.registry.errors import AuditBroken, LedgerBroken
from gateway.registry.filter import Filter
from gateway.registry.models import MAX_NOTES, MAX_PENDING, Change, Draft, Page, Record
from gateway.registry.status import Status

MAX_PAGE = 1_000
PAGE_BYTES = 8 * 2**20
"""Of records, above which a page or a batch ends early: one filing may be as large."""
_ACCEPT = (
    "to accept the loss, stop every gateway, remove the snapshot-*.bin files from its data folder "
    "and start it again."
)
_COMPARE = (
    "What is enforced stays; nothing is changed before the audit is mended: restore the newest "
    "backup, and compare it with an export."
)
_CURSOR = re.compile(rb"after:([0-9]{1,15})")


def encode_cursor(position: int) -> str:
    """A position in the list (a revision, so it says nothing about anybody) as opaque text."""
    return base64.urlsafe_b64encode(b"after:%d" % position).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int:
    """The position of a cursor, 0 without one; raises `InvalidRequest` for a foreign one."""
    if cursor is None:
        return 0
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = _CURSOR.fullmatch(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error):
        found = None
    if found is None:
        raise InvalidRequest(
            "cursor must be the next_cursor of an earlier page.", param="cursor", code="bad_cursor"
        )
    return int(found[1])


def check_limit(limit: int) -> None:
    """Raises `InvalidRequest` for a page size out of bounds."""
    if not 1 <= limit <= MAX_PAGE:
        raise InvalidRequest(f"limit must be from 1 to {MAX_PAGE}.", param="limit")


def fitting(sizes: Iterable[int]) -> int:
    """How many things of these sizes (bytes), from the first, make a page; one at least."""
    sums = accumulate(sizes)
    return max(1, sum(1 for _ in takewhile(lambda held: held <= PAGE_BYTES, sums)))


def short_page(records: Iterable[Record], wanted: Filter) -> Page:
    """The few records that may fit, as the only page."""
    return Page(tuple(filter(wanted.fits, records)), None)


def no_request(request_id: str) -> NotFound:
    """Nobody filed a request with this id."""
    return NotFound(f"There is no forget request {request_id!r}.", code="no_such_request")


def no_key(key_id: str) -> NotFound:
    """No API key has this id."""
    return NotFound(f"There is no API key {key_id!r}.", code="no_such_key")


def told_of(draft: Draft) -> dict[str, Any]:
    """What the audit tells of a filing: nothing of what it says."""
    filing = draft.filing
    return {
        "status": draft.status.value,
        "regulation": filing.regulation,
        "action": filing.action.value,
        "origin": filing.origin,
        "provisional": draft.provisional,
    }


def reused() -> Conflict:
    """The same subject_request_id came with another filing."""
    return Conflict(
        "This subject_request_id has been used for a filing with other content; file the new "
        "content with a new one.",
        param="subject_request_id",
        code="subject_request_id_reused",
    )


def taken(what: str, name: str) -> Conflict:
    """The id is in use."""
    return Conflict(f"There is already {what} {name!r}.", code="id_taken")


def too_many_pending() -> TooManyPending:
    """No more requests may wait for approval."""
    return TooManyPending(
        f"{MAX_PENDING} forget requests wait for approval already; approve or deny some first.",
        code="too_many_pending",
    )


def too_many_notes(request_id: str) -> Conflict:
    """No more notes are kept."""
    return Conflict(
        f"The forget request {request_id!r} has {MAX_NOTES} notes already; keep more elsewhere.",
        code="too_many_notes",
    )


def crowded() -> RegistryUnavailable:
    """Others changed something each time that this change was tried."""
    return RegistryUnavailable(
        "Too many changes are made at once; nothing has been changed, try again.",
        code="crowded",
    )


def cut_ledger(missing: int, revision: int) -> LedgerBroken:
    """The last entries of the ledger are not there."""
    return LedgerBroken(
        f"The ledger in Redis stands at revision {revision} and has no revision {missing}: it was "
        "cut. Restore the newest backup."
    )


def foreign_entry(revision: int) -> LedgerBroken:
    """An entry of the ledger that no holder of the data key made for this place."""
    return LedgerBroken(
        f"Revision {revision} in the ledger was not written by a gateway of this deployment, or "
        "was moved or altered. What is enforced stays; restore the newest backup."
    )


def altered_request(request_id: str) -> LedgerBroken:
    """What is kept of a request is not what the ledger says became of it."""
    return LedgerBroken(
        f"The forget request {request_id!r} is not in Redis as the ledger left it: its status, its "
        "place in an index or its version was altered. What is enforced stays; restore the newest "
        "backup."
    )


def altered_key(key_id: str) -> LedgerBroken:
    """The API keys that are kept are not those that the ledger tells of."""
    return LedgerBroken(
        f"The API key {key_id!r} was put into Redis, or taken out of it, by no gateway of this "
        "deployment. The keys that are known stay; restore the newest backup."
    )


def foreign_line(number: int) -> AuditBroken:
    """An entry of the audit that no holder of the data key made for this place."""
    return AuditBroken(
        f"Entry {number} of the audit was not written by a gateway of this deployment, or was "
        f"moved or altered. {_COMPARE}"
    )


def cut_audit(number: int) -> AuditBroken:
    """An entry that has existed is not there."""
    return AuditBroken(f"Entry {number} of the audit is missing: it was cut. {_COMPARE}")


def beheaded_audit(number: int) -> AuditBroken:
    """The head that is stored is not that of the last entry."""
    return AuditBroken(
        f"The audit ends with entry {number}, but its head in Redis says otherwise: one of them "
        f"was deleted or altered. {_COMPARE}"
    )


def gaps_in_audit(number: int, length: int) -> AuditBroken:
    """Entries that have existed are not there."""
    return AuditBroken(
        f"The audit ends with entry {number}, but has {length}: {number - length} were cut out. "
        f"{_COMPARE}"
    )


def shorter_audit(found: int, known: int) -> AuditBroken:
    """The audit ends before an entry that this gateway has seen."""
    return AuditBroken(
        f"The audit in Redis ends with entry {found}, but entry {known} has existed: an older "
        f"backup was restored, or it was cut. {_COMPARE} To accept the loss, restart every gateway."
    )


def untold_revision(told: int, revision: int) -> AuditBroken:
    """The last entry is not of the newest revision."""
    return AuditBroken(
        f"The audit tells of revision {told}, and the ledger is at {revision}: one of them was "
        f"cut. {_COMPARE}"
    )


def immovable(request_id: str, present: Status, to: Status) -> Conflict:
    """The present status does not lead to the one that was asked for."""
    return Conflict(
        f"The forget request {request_id!r} is {present}; it cannot become {to}.",
        code="wrong_status",
    )


def changed_since(request_id: str) -> Conflict:
    """The record is not the one that was read."""
    return Conflict(f"The forget request {request_id!r} has changed meanwhile.", code="changed")


def another_ledger() -> LedgerBroken:
    """The epoch is not the one that this gateway opened."""
    return LedgerBroken(
        "The ledger in Redis is another one than this gateway has followed: Redis was emptied or "
        f"replaced. Restore the newest backup or, {_ACCEPT}"
    )


def shorter_ledger(found: int, known: int) -> LedgerBroken:
    """The ledger ends before a revision that this gateway has seen."""
    return LedgerBroken(
        f"The ledger in Redis ends at revision {found}, but revision {known} has existed: an "
        f"older backup was restored. Restore a newer one or, {_ACCEPT}"
    )


def headless_ledger() -> LedgerBroken:
    """There is a ledger, but the data that says which one is gone."""
    return LedgerBroken(
        "Redis holds a ledger without its meta data: a part of it was deleted. Restore the "
        "newest backup."
    )


def lowered_schema() -> LedgerBroken:
    """The schema that is named is older than what there is."""
    return LedgerBroken(
        "Redis says that it holds schema 1 of Lethe, but there is an audit, which that had not: "
        "somebody altered it. Restore the newest backup."
    )


def check_order(changes: Iterable[Change], after: int) -> None:
    """Raises `LedgerBroken` unless the changes follow `after` without a gap."""
    for expected, change in enumerate(changes, start=after + 1):
        if change.revision != expected:
            raise LedgerBroken(
                f"The ledger in Redis has no revision {expected} but a revision "
                f"{change.revision}: it was cut or edited. Restore the newest backup."
            )
