"""The registry's whole surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed, Entry, Head
from gateway.registry.common import MAX_PAGE
from gateway.registry.filter import Filter
from gateway.registry.health import StoreHealth
from gateway.registry.models import (
    ApiKey,
    Change,
    Draft,
    Note,
    Page,
    Record,
    Replica,
    State,
    Version,
)
from gateway.registry.outcomes import OutcomeStore
from gateway.registry.traces import TraceStore


class Registry(Protocol):
    """Forget requests, API keys, the ledger of their changes, and the replicas.

    Every accepted change that gateways have to know of raises the revision by exactly one and
    appends one `Change` to the ledger; every change at all appends to the audit who did what. All
    of it is one transaction. Any method raises `RegistryUnavailable` when the store
    cannot be reached within its time-out; nothing has been changed then, or all of it.

    One object keeps to one ledger. Once it has seen an epoch and a revision, every method that
    changes something, and `open`, `state` and `tail`, raise `LedgerBroken` rather than work on
    another ledger or on one that ends earlier: a restored backup is never written to by accident.
    """

    @property
    def volatile(self) -> bool:
        """Whether the store may lose what it was given; known after `open`."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about the store, in sentences; known after `open`."""
        ...

    @property
    def outcomes(self) -> OutcomeStore:
        """What became of requests, counted by rule and hour."""
        ...

    @property
    def traces(self) -> TraceStore:
        """Sampled requests, where any are kept."""
        ...

    async def open(self) -> str:
        """Check the store and return its epoch; creates one in an empty store.

        Raises `SettingsError` when it evicts or keeps no append-only file, and `WrongDataKey`
        when what it holds was encrypted with another key. May be called again after trouble.
        """
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...

    async def file(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing. Returns the record, and whether it is new.

        A repeated `subject_request_id` with the same filing returns the first record and
        False; with another filing it raises `Conflict`.
        """
        ...

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval. Returns the record, and whether it is new.

        While a proposal about the same subject name waits or is enforced, returns that one and
        False. Raises `TooManyPending` when `MAX_PENDING` requests wait already.
        """
        ...

    async def get(self, request_id: str) -> Record:
        """One record; raises `NotFound`."""
        ...

    async def list(self, wanted: Filter, limit: int, cursor: str | None) -> Page:
        """A page of records that fit, oldest first; raises `InvalidRequest` for a foreign cursor.

        At most `limit`, and fewer where they are large: a page holds some megabytes.
        Overdue ones come by their due dates.
        """
        ...

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        """How many requests of each regulation are unanswered past their due date."""
        ...

    async def amend(self, record: Record, amendment: Amendment) -> Record:
        """Change a record as it was read: its status, its due date, or what was filed.

        Whether it may is for the caller to say. Raises `NotFound`, and `Conflict` when the record
        has changed since it was read.
        """
        ...

    async def note(self, request_id: str, text: str, by: str) -> Note:
        """Keep a note on a request; raises `NotFound`, and `Conflict` when it has `MAX_NOTES`."""
        ...

    async def notes(self, request_id: str) -> Sequence[Note]:
        """The notes on a request, oldest first."""
        ...

    async def versions(
        self, record: Record, after: int = 0, limit: int = MAX_PAGE
    ) -> Sequence[Version]:
        """The versions of a filing that follow one by number, the first one first.

        At most `limit`, and fewer where they are large; the last one is `record.version`.
        """
        ...

    async def events(
        self, request_id: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Entry]:
        """What the audit tells of one request, oldest first, but for the first `after` entries."""
        ...

    async def audit(self, after: int, limit: int) -> Sequence[bytes]:
        """The entries of the audit that follow one, by number, each as the line that was hashed.

        Every change has told the audit in the same transaction. Raises `AuditBroken` for an entry
        that was not written by a holder of the data key.
        """
        ...

    async def audit_head(self) -> tuple[str, Head]:
        """The epoch of the ledger, and where its audit ends.

        Raises `AuditBroken` where the entries do not end there, or have ended later before. Every
        method that changes something does, too: nothing is hung on a chain that was tampered with.
        """
        ...

    async def log(self, deed: Deed, about: Sequence[str] = ()) -> None:
        """Tell the audit of something that changes no request; `about` are ids of requests."""
        ...

    async def steer(self, record: Record, steering: bytes, by: str) -> Record:
        """Keep steering vectors beside a record as it was read; returns the newer record.

        Raises `NotFound`, and `Conflict` when the record has changed since.
        """
        ...

    async def claim(self, work: str, holder: str, lease_s: float) -> bool:
        """Whether a piece of work that one gateway is enough for falls to this holder.

        It does for who asks first, and again for the same, until the lease runs out: no change of
        the ledger.
        """
        ...

    async def put_key(self, key: ApiKey, by: str) -> int:
        """Add an API key and return the revision; raises `Conflict` when its id is in use."""
        ...

    async def drop_key(self, key_id: str, by: str) -> int:
        """Revoke an API key and return the revision; raises `NotFound`."""
        ...

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        ...

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """All enforced records and all keys, with the epoch and the revision they stand for.

        Records may already be newer than that revision; applying a change twice is harmless.
        Of `held`, by id, those that have not changed since come back as they are, unread.
        """
        ...

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision, oldest first; waits up to `block_s` for the first.

        Possibly not all of them: ask again with the last one's revision.

        Raises `LedgerBroken` when the next entry is not `after + 1`, or the ledger ends before
        `after`, or its epoch is not the one that `open` returned.
        """
        ...

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision, and that it is alive; then settle.

        Settling completes every request in progress whose revision all registered gateways,
        silent ones included, have acknowledged. Gateways need not know: the revision stays. A
        revision that the ledger does not have raises `LedgerBroken`.
        """
        ...

    async def gateways(self) -> tuple[Replica, ...]:
        """All registered gateways; `live` when seen within the lease."""
        ...

    async def health(self) -> StoreHealth:
        """How the store is doing at this moment."""
        ...

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway: it stopped cleanly, or an operator expired it. Then settle."""
        ...
