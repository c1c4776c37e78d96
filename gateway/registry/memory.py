"""The registry in memory: the twin of the one in Redis, for tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from gateway.registry import common
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed, Entry, Head, entry_of, genesis, link
from gateway.registry.filed import filing_bytes
from gateway.registry.filing import REGULATIONS, folded
from gateway.registry.filter import Filter
from gateway.registry.health import StoreHealth
from gateway.registry.memory_ledger import MemoryLedger
from gateway.registry.memory_outcomes import MemoryOutcomes
from gateway.registry.memory_traces import MemoryTraces
from gateway.registry.models import (
    MAX_NOTES,
    MAX_PENDING,
    VERSION,
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
from gateway.registry.status import ACTING, WAITING, Status


class MemoryRegistry:
    """`Registry` without Redis; several gateways in one process may share the object.

    Nothing is encrypted and nothing survives. `clock` gives seconds since 1970.
    """

    volatile = True
    warnings: tuple[str, ...] = ("Forget requests are kept in memory only and end with it.",)

    def __init__(self, *, lease_s: float = 5.0, clock: Callable[[], float] = time.time) -> None:
        self._lease_s = lease_s
        self._clock = clock
        self._ledger = MemoryLedger()
        self.outcomes = MemoryOutcomes(clock)
        self.traces = MemoryTraces(clock)
        self._records: dict[str, Record] = {}
        self._positions: dict[str, int] = {}
        self._submissions: dict[str, tuple[str, bytes]] = {}
        """The id, and a hash of what was filed: of a blind filing that is not kept."""
        self._subjects: dict[str, str] = {}
        """The folded name that each request is about, by its id: for the same reason."""
        self._versions: dict[str, list[Version]] = {}
        self._notes: dict[str, list[Note]] = {}
        self._audit: list[bytes] = []
        self._about: list[frozenset[str]] = []
        self._end = genesis(self._ledger.epoch)
        self._keys: dict[str, ApiKey] = {}
        self._gateways: dict[str, tuple[int, float]] = {}
        self._claims: dict[str, tuple[str, float]] = {}

    async def open(self) -> str:
        """The epoch."""
        return self._ledger.open()

    async def close(self) -> None:
        """There is nothing to give back."""

    async def file(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing; False when this subject_request_id had been filed before."""
        self._ledger.check()
        submitted = str(draft.filing.subject_request_id or "")
        content = sha256(filing_bytes(draft.filing)).digest()
        if submitted in self._submissions:
            first, filed = self._submissions[submitted]
            if filed != content:
                raise common.reused()
            return self._records[first], False
        record = self._keep(draft)
        if submitted:
            self._submissions[submitted] = draft.id, content
        return record, True

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        self._ledger.check()
        for known in self._records.values():
            same = self._subjects[known.id] == draft.filing.folded_name
            if same and known.status in ACTING | WAITING:
                return known, False
        if sum(r.status is Status.PENDING for r in self._records.values()) >= MAX_PENDING:
            raise common.too_many_pending()
        return self._keep(replace(draft, status=Status.PENDING)), True

    async def get(self, request_id: str) -> Record:
        """One record."""
        if request_id not in self._records:
            raise common.no_request(request_id)
        return self._records[request_id]

    async def list(self, wanted: Filter, limit: int, cursor: str | None) -> Page:
        """A page of records in the order in which they were filed."""
        common.check_limit(limit)
        after = common.decode_cursor(cursor)
        about = None if wanted.subject is None else folded(wanted.subject)
        fitting = [
            record
            for record in self._records.values()
            if wanted.fits(record) and about in (None, self._subjects[record.id])
        ]
        if wanted.submission is not None:
            return common.short_page(fitting, wanted)
        if wanted.overdue is None or wanted.subject is not None:
            found = [(r, self._positions[r.id]) for r in fitting]
        else:
            fitting.sort(key=lambda r: (r.expected_completion_time, r.id))
            found = [(r, place) for place, r in enumerate(fitting, start=1)]
        found = [(record, position) for record, position in found if position > after]
        fit = common.fitting(
            len(r.filed) + len(r.rule) + len(r.steering) + len(r.case) for r, _ in found[:limit]
        )
        shown = found[: min(fit, limit)]
        more = len(found) > len(shown)
        return Page(
            tuple(record for record, _ in shown),
            common.encode_cursor(shown[-1][1]) if more else None,
        )

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        """How many requests of each regulation are unanswered past their due date."""
        late = [r.filing.regulation for r in self._records.values() if r.overdue(now)]
        return {regulation: late.count(regulation) for regulation in REGULATIONS}

    async def amend(self, record: Record, amendment: Amendment) -> Record:
        """Move a record on as it was read, give it another due date or another version."""
        self._ledger.check()
        held = await self.get(record.id)
        if (held.revision, held.status) != (record.revision, record.status):
            raise common.changed_since(record.id)
        kind = amendment.kind if amendment.revises(record) else None
        revision = self._change(amendment.deed(record), kind)
        changed = amendment.applied(record, revision if kind else record.revision)
        self._records[record.id] = changed
        if amendment.filing is not None:
            self._versions[record.id].append(Version(changed.version, changed.filed))
            self._subjects[record.id] = amendment.filing.folded_name
        return changed

    async def note(self, request_id: str, text: str, by: str) -> Note:
        """Keep a note on a request."""
        await self.get(request_id)
        notes = self._notes.setdefault(request_id, [])
        if len(notes) >= MAX_NOTES:
            raise common.too_many_notes(request_id)
        self._change(Deed("noted", by, request_id))
        notes.append(Note(datetime.fromtimestamp(self._clock(), UTC), by, text))
        return notes[-1]

    async def notes(self, request_id: str) -> Sequence[Note]:
        """The notes on a request."""
        return tuple(self._notes.get(request_id, ()))

    async def versions(
        self, record: Record, after: int = 0, limit: int = common.MAX_PAGE
    ) -> Sequence[Version]:
        """The versions of a filing that follow one."""
        found = self._versions[record.id][after : after + limit]
        return found[: common.fitting(len(version.filed) for version in found)]

    async def events(
        self, request_id: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Entry]:
        """What happened to one request."""
        entries = map(entry_of, self._audit)
        found = [
            e for e in entries if e.id == request_id or request_id in self._about[e.number - 1]
        ]
        return found[after:][:limit]

    async def audit(self, after: int, limit: int) -> Sequence[bytes]:
        """The entries of the audit that follow one."""
        return self._audit[after : after + limit]

    async def audit_head(self) -> tuple[str, Head]:
        """The epoch of the ledger, and where its audit ends."""
        return self._ledger.epoch, self._end

    async def log(self, deed: Deed, about: Sequence[str] = ()) -> None:
        """Tell the audit of something that changes no request."""
        self._change(deed, about=about)

    async def steer(self, record: Record, steering: bytes, by: str) -> Record:
        """Keep steering vectors beside a record as it was read."""
        self._ledger.check()
        held = await self.get(record.id)
        if held.revision != record.revision:
            raise common.changed_since(record.id)
        revision = self._change(Deed("steered", by, record.id, record.version), "steered")
        self._records[record.id] = replace(held, steering=steering, revision=revision)
        return self._records[record.id]

    async def claim(self, work: str, holder: str, lease_s: float) -> bool:
        """Whether a piece of work falls to this holder, until the lease runs out."""
        now = self._clock()
        known, until = self._claims.get(work, (holder, now))
        if known != holder and until > now:
            return False
        self._claims[work] = holder, now + lease_s
        return True

    async def put_key(self, key: ApiKey, by: str) -> int:
        """Add an API key; raises `Conflict` when its id is in use."""
        self._ledger.check()
        if key.id in self._keys:
            raise common.taken("an API key", key.id)
        deed = Deed("key_created", by, key.id, details={"roles": sorted(key.roles)})
        self._keys[key.id] = key
        return self._change(deed, "key_created")

    async def drop_key(self, key_id: str, by: str) -> int:
        """Revoke an API key."""
        self._ledger.check()
        if key_id not in self._keys:
            raise common.no_key(key_id)
        del self._keys[key_id]
        return self._change(Deed("key_revoked", by, key_id), "key_revoked")

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        return tuple(self._keys.values())

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """Everything enforced."""
        self._ledger.check()
        enforced = tuple(r for r in self._records.values() if r.enforced)
        return State(
            self._ledger.epoch, self._ledger.revision, enforced, tuple(self._keys.values())
        )

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision; waits for the first."""
        return await self._ledger.tail(after, block_s)

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision and is alive; then settle."""
        self._ledger.check(revision)
        self._gateways[gateway_id] = (revision, self._clock())
        self._settle()

    async def gateways(self) -> tuple[Replica, ...]:
        """All registered gateways."""
        now = self._clock()
        return tuple(
            Replica(name, revision, datetime.fromtimestamp(seen, UTC), now - seen <= self._lease_s)
            for name, (revision, seen) in sorted(self._gateways.items())
        )

    async def health(self) -> StoreHealth:
        """What there is to tell of a store without a server."""
        return StoreHealth("", 0, 0, "noeviction", False, self._clock(), self._ledger.revision)

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway; then settle."""
        self._ledger.check()
        self._gateways.pop(gateway_id, None)
        self._settle()

    def _keep(self, draft: Draft) -> Record:
        if draft.id in self._records:
            raise common.taken("a forget request", draft.id)
        deed = Deed("filed", draft.case.filed_by, draft.id, VERSION, common.told_of(draft))
        record = draft.recorded(self._change(deed, draft.kind))
        self._records[draft.id] = record
        self._versions[draft.id] = [Version(VERSION, record.filed)]
        self._positions[draft.id] = record.revision
        self._subjects[draft.id] = draft.filing.folded_name
        return record

    def _change(self, deed: Deed, kind: str | None = None, about: Sequence[str] = ()) -> int:
        """Tell the audit, and the ledger where gateways have to take note; the revision then."""
        if kind is None:
            revision = self._ledger.revision
        else:
            revision = self._ledger.append(kind, deed.id or "")
        line, self._end = link(deed, revision, self._end)
        self._audit.append(line)
        self._about.append(frozenset(about))
        return revision

    def _settle(self) -> None:
        if not self._gateways:
            return
        lowest = min(revision for revision, _ in self._gateways.values())
        now = datetime.fromtimestamp(self._clock(), UTC)
        settled = [
            record
            for record in self._records.values()
            if record.status in (Status.APPROVED, Status.IN_PROGRESS) and record.revision <= lowest
        ]
        if not settled:
            return
        ids = [record.id for record in settled]
        self._change(Deed("completed", "gateway", details={"ids": ids}), about=ids)
        for record in settled:
            self._records[record.id] = replace(record, status=Status.COMPLETED, completed_time=now)
