"""What the registry keeps, as plain immutable records.

Their representation leaves out what was filed: it ends up in logs and tracebacks, and the list
of subjects must not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from gateway.registry.case import Case, pack_case, unpack_case
from gateway.registry.filed import filing_bytes, filing_from
from gateway.registry.filing import Filing
from gateway.registry.status import UNANSWERED, Status, acts

MAX_PENDING = 1_000
"""Requests that may wait for approval at a time: they are made by chats, and officers read them."""

MAX_NOTES = 1_000
"""Notes on a request, at most."""

VERSION = 1
"""Of every filing; each edit is a version more."""


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
