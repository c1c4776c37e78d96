"""What the registry keeps, as plain immutable records.

Their representation leaves out what was filed: it ends up in logs and tracebacks, and the list
of subjects must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from gateway.registry.audit import Deed
from gateway.registry.case import Case, pack_case, unpack_case
from gateway.registry.filed import filing_bytes, filing_from
from gateway.registry.filing import Filing, folded


class Status(StrEnum):
    """Where a forget request stands.

    One that is `IDENTITY_UNVERIFIED` or `PENDING` waits: for proof of who asks, for an officer's
    approval. `APPROVED` and `IN_PROGRESS` act already; `COMPLETED` says that every gateway does.
    """

    IDENTITY_UNVERIFIED = "identity_unverified"
    PENDING = "pending"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PAUSED = "paused"
    LIFTED = "lifted"
    CANCELLED = "cancelled"
    DENIED = "denied"
    EXPIRED = "expired"


WAITING = frozenset({Status.IDENTITY_UNVERIFIED, Status.PENDING})
"""Nobody has decided yet; enforced only where a filing says `provisional`."""

ACTING = frozenset({Status.APPROVED, Status.IN_PROGRESS, Status.COMPLETED})
"""Enforced in any case."""

UNANSWERED = WAITING | {Status.APPROVED, Status.IN_PROGRESS}
"""The clock of the regulation runs."""

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.IDENTITY_UNVERIFIED}),
    Status.APPROVED: frozenset({Status.PENDING}),
    Status.IN_PROGRESS: frozenset({Status.APPROVED, Status.PAUSED}),
    Status.PAUSED: ACTING,
    Status.LIFTED: ACTING | {Status.PAUSED},
    Status.CANCELLED: UNANSWERED | {Status.PAUSED},
    Status.DENIED: WAITING,
    Status.EXPIRED: WAITING,
}
"""What a request may become, and from where. Completing is the registry's own doing."""

MAX_PENDING = 1_000
"""Requests that may wait for approval at a time: they are made by chats, and officers read them."""

MAX_NOTES = 1_000
"""Notes on a request, at most."""

VERSION = 1
"""Of every filing; each edit is a version more."""


def acts(status: Status, provisional: bool) -> bool:
    """Whether a request with this status acts on prompts."""
    return status in ACTING or (provisional and status in WAITING)


@dataclass(frozen=True, slots=True)
class Draft:
    """A filing that is about to be appended: its id, and its compiled rule as opaque bytes.

    `provisional` lets it act while it waits.
    """

    id: str
    filing: Filing = field(repr=False)
    rule: bytes = field(repr=False)
    received_time: datetime
    expected_completion_time: datetime
    status: Status = Status.IN_PROGRESS
    provisional: bool = False
    case: Case = field(default=Case(), repr=False)

    @property
    def kind(self) -> str:
        """What the ledger calls it: whether it acts at once must be told by what is marked."""
        return "filed" if acts(self.status, self.provisional) else "held"

    def recorded(self, revision: int) -> Record:
        """The record that it becomes when it is appended at a revision."""
        return Record(
            id=self.id,
            version=VERSION,
            revision=revision,
            status=self.status,
            filed=filing_bytes(self.filing.kept),
            rule=self.rule,
            received_time=self.received_time,
            expected_completion_time=self.expected_completion_time,
            provisional=self.provisional,
            case=pack_case(self.case),
        )


@dataclass(frozen=True)
class Record:
    """A forget request as the registry holds it; `revision` is that of its latest change.

    `filed` is the JSON of the filing, `rule` the compiled rule, `steering` the vectors by model
    (gateway.engines.rules), empty while there are none, `case` what was decided: bytes, since a
    gateway holds a hundred thousand and reads few.
    """

    id: str
    version: int
    revision: int
    status: Status
    filed: bytes = field(repr=False)
    rule: bytes = field(repr=False)
    received_time: datetime
    expected_completion_time: datetime
    completed_time: datetime | None = None
    steering: bytes = field(default=b"", repr=False)
    provisional: bool = False
    case: bytes = field(default=b"", repr=False)

    @cached_property
    def filing(self) -> Filing:
        """What was filed; raises `Unreadable`."""
        return filing_from(self.filed)

    @property
    def decided(self) -> Case:
        """Who filed and decided, and why; raises `Unreadable`."""
        case = unpack_case(self.case)
        return replace(case, completed=True) if self.status is Status.COMPLETED else case

    @property
    def enforced(self) -> bool:
        """Whether the request acts on prompts."""
        return acts(self.status, self.provisional)

    def overdue(self, now: datetime) -> bool:
        """Whether it is unanswered past its due date."""
        return self.status in UNANSWERED and self.expected_completion_time < now


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to become of a record: another status, another due date, another version.

    `action` is the word for it in the audit, `by` who does it. With a `filing` and its `rule` it
    is a new version, and the old one is kept. What changes what is enforced raises the revision,
    and so does every change of status.
    """

    action: str
    by: str
    case: Case = field(repr=False)
    status: Status | None = None
    due: datetime | None = None
    filing: Filing | None = field(default=None, repr=False)
    rule: bytes = field(default=b"", repr=False)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the ledger calls it."""
        return "amended" if self.status is None else self.status.value

    def deed(self, record: Record) -> Deed:
        """What the audit tells of it."""
        after = self.applied(record, record.revision)
        details = {"from": record.status.value, "to": after.status.value}
        if self.case.reason:
            details["reason"] = self.case.reason
        return Deed(self.action, self.by, record.id, after.version, details | dict(self.details))

    def revises(self, record: Record) -> bool:
        """Whether gateways have to take note: not where it acted before, and acts as before."""
        if self.filing is not None:
            return True
        return self.status is not None and not (record.enforced and self.status in ACTING)

    def applied(self, record: Record, revision: int) -> Record:
        """The record that it makes of one, at a revision."""
        changed = replace(
            record,
            status=self.status or record.status,
            revision=revision,
            expected_completion_time=self.due or record.expected_completion_time,
            case=pack_case(self.case),
        )
        if self.filing is not None:
            changed = replace(
                changed,
                version=record.version + 1,
                filed=filing_bytes(self.filing.kept),
                rule=self.rule,
                steering=b"",
            )
            if record.status is Status.COMPLETED:  # no gateway enforces the new version yet
                changed = replace(changed, status=Status.IN_PROGRESS)
        reopened = changed.status in ACTING & UNANSWERED
        return replace(changed, completed_time=None) if reopened else changed


@dataclass(frozen=True, slots=True)
class Version:
    """A filing as it was before, or is."""

    version: int
    filed: bytes = field(repr=False)

    @property
    def filing(self) -> Filing:
        """What was filed; raises `Unreadable`."""
        return filing_from(self.filed)


@dataclass(frozen=True, slots=True)
class Note:
    """What an officer wrote about a request, and when."""

    time: datetime
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests a list is to hold; those that fit everything that is given.

    `subject` is a name, whatever its case and spelling folds to: of a blind request the registry
    alone knows it. `overdue` are those unanswered past their due date at that time.
    """

    status: Status | None = None
    regulation: str | None = None
    subject: str | None = field(default=None, repr=False)
    submission: UUID | None = None
    overdue: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, record: Record) -> bool:
        """Whether a record fits."""
        return (
            self.status in (None, record.status)
            and self.regulation in (None, record.filing.regulation)
            and self.submission in (None, record.filing.subject_request_id)
            and self._about(record.filing)
            and (self.overdue is None or record.overdue(self.overdue))
            and (self.since is None or record.received_time >= self.since)
            and (self.until is None or record.received_time < self.until)
        )

    def _about(self, filing: Filing) -> bool:
        if self.subject is None or filing.blind:
            return True
        return folded(self.subject) == filing.folded_name


@dataclass(frozen=True, slots=True)
class Page:
    """A page of records, oldest first, and the cursor of the next one."""

    items: tuple[Record, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An issued API key; the token itself is known to its holder alone.

    `models` are those that it may ask for, None: all. `requests_per_minute` None: as the settings
    say. It is dead from `expires_time` on.
    """

    id: str
    name: str
    roles: frozenset[str]
    digest: bytes
    created_time: datetime
    expires_time: datetime | None = None
    models: frozenset[str] | None = None
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Replica:
    """A gateway as the registry knows it: the revision it enforces, when it was last seen."""

    id: str
    revision: int
    seen: datetime
    live: bool
    data_keys: frozenset[str] = frozenset()
    """The ids of the data keys that it has."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the ledger: what changed at which revision.

    `kind` is "filed" (it acts from here on), "held" (it was filed and waits), "steered" (it has new
    steering vectors), "amended" (a new version), or the status that a record moved to, and `id`
    names the record; for "key_created" and "key_revoked", and for "key" that an earlier version
    wrote for both, `id` names an API key; for "data_key", a rotation of the data key began (another
    key seals from here on) or ended.
    """

    revision: int
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a gateway enforces, at one revision of one ledger (`epoch`)."""

    epoch: str
    revision: int
    records: tuple[Record, ...]
    keys: tuple[ApiKey, ...]
