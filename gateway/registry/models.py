"""What the registry keeps, as plain immutable records.

Their representation leaves out what was filed: it ends up in logs and tracebacks, and the list
of subjects must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from gateway.registry.filed import filing_bytes, filing_from
from gateway.registry.filing import Filing


class Status(StrEnum):
    """Where a forget request stands; a `PENDING` one waits for an officer's approval."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    LIFTED = "lifted"
    CANCELLED = "cancelled"
    DENIED = "denied"

    @property
    def enforced(self) -> bool:
        """Whether a request in this status acts on prompts."""
        return self in (Status.IN_PROGRESS, Status.COMPLETED)


MOVES: Mapping[Status, frozenset[Status]] = {
    Status.IN_PROGRESS: frozenset({Status.PENDING}),
    Status.DENIED: frozenset({Status.PENDING}),
    Status.LIFTED: frozenset({Status.IN_PROGRESS, Status.COMPLETED}),
    Status.CANCELLED: frozenset({Status.PENDING, Status.IN_PROGRESS}),
}
"""What `Registry.move` may reach, and from where. Completing is the registry's own doing."""

MAX_PENDING = 1_000
"""Requests that may wait for approval at a time: they are made by chats, and officers read them."""

VERSION = 1
"""Of every filing."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A filing that is about to be appended: its id, and its compiled rule as opaque bytes."""

    id: str
    filing: Filing = field(repr=False)
    rule: bytes = field(repr=False)
    received_time: datetime
    expected_completion_time: datetime

    def recorded(self, revision: int, status: Status) -> Record:
        """The record that it becomes when it is appended at a revision."""
        return Record(
            id=self.id,
            version=VERSION,
            revision=revision,
            status=status,
            filed=filing_bytes(self.filing.kept),
            rule=self.rule,
            received_time=self.received_time,
            expected_completion_time=self.expected_completion_time,
        )


@dataclass(frozen=True)
class Record:
    """A forget request as the registry holds it; `revision` is that of its latest change.

    `filed` is the JSON of the filing, `rule` the compiled rule, `steering` the vectors by model
    (gateway.engines.rules), empty while there are none: bytes, since a gateway holds a hundred
    thousand and reads few.
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

    @cached_property
    def filing(self) -> Filing:
        """What was filed; raises `Unreadable`."""
        return filing_from(self.filed)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of records, oldest first, and the cursor of the next one."""

    items: tuple[Record, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An issued API key; the token itself is known to its holder alone."""

    id: str
    name: str
    roles: frozenset[str]
    digest: bytes
    created_time: datetime


@dataclass(frozen=True, slots=True)
class Replica:
    """A gateway as the registry knows it: the revision it enforces, when it was last seen."""

    id: str
    revision: int
    seen: datetime
    live: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the ledger: what changed at which revision.

    `kind` is "filed", "steered" (it has new steering vectors), or the status that a record moved
    to, and `id` names the record; for "key", an API key was added or revoked, and `id` names it.
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
