"""The registry in memory: the twin of the one in Redis, for tests and benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from gateway.registry import common
from gateway.registry.health import StoreHealth
from gateway.registry.memory_ledger import MemoryLedger
from gateway.registry.models import (
    MAX_PENDING,
    MOVES,
    ApiKey,
    Change,
    Draft,
    Page,
    Record,
    Replica,
    State,
    Status,
)


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
        self._records: dict[str, Record] = {}
        self._positions: dict[str, int] = {}
        self._submissions: dict[str, str] = {}
        self._proposals: dict[str, str] = {}
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
        if submitted in self._submissions:
            first = self._records[self._submissions[submitted]]
            if first.filing != draft.filing:
                raise common.reused()
            return first, False
        record = self._keep(draft, Status.IN_PROGRESS)
        if submitted:
            self._submissions[submitted] = draft.id
        return record, True

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        self._ledger.check()
        name = draft.filing.folded_name
        known = self._records.get(self._proposals.get(name, ""))
        if known and (known.status is Status.PENDING or known.status.enforced):
            return known, False
        if sum(r.status is Status.PENDING for r in self._records.values()) >= MAX_PENDING:
            raise common.too_many_pending()
        record = self._keep(draft, Status.PENDING)
        self._proposals[name] = draft.id
        return record, True

    async def get(self, request_id: str) -> Record:
        """One record."""
        if request_id not in self._records:
            raise common.no_request(request_id)
        return self._records[request_id]

    async def list(self, status: Status | None, limit: int, cursor: str | None) -> Page:
        """A page of records in the order in which they were filed."""
        common.check_limit(limit)
        after = common.decode_cursor(cursor)
        found = [
            record
            for record in self._records.values()
            if self._positions[record.id] > after and status in (None, record.status)
        ]
        more = len(found) > limit
        items = tuple(found[:limit])
        return Page(items, common.encode_cursor(self._positions[items[-1].id]) if more else None)

    async def move(self, request_id: str, to: Status) -> Record:
        """Approve, deny, lift or cancel a request."""
        self._ledger.check()
        record = await self.get(request_id)
        if record.status is to:
            return record
        if record.status not in MOVES.get(to, ()):
            raise common.immovable(request_id, record.status, to)
        revision = self._ledger.append(to.value, request_id)
        self._records[request_id] = replace(record, status=to, revision=revision)
        return self._records[request_id]

    async def steer(self, record: Record, steering: bytes) -> Record:
        """Keep steering vectors beside a record as it was read."""
        self._ledger.check()
        held = await self.get(record.id)
        if held.revision != record.revision:
            raise common.changed_since(record.id)
        revision = self._ledger.append("steered", record.id)
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

    async def put_key(self, key: ApiKey) -> None:
        """Add an API key; raises `Conflict` when its id is in use."""
        self._ledger.check()
        if key.id in self._keys:
            raise common.taken("an API key", key.id)
        self._ledger.append("key", key.id)
        self._keys[key.id] = key

    async def drop_key(self, key_id: str) -> None:
        """Revoke an API key."""
        self._ledger.check()
        if key_id not in self._keys:
            raise common.no_key(key_id)
        self._ledger.append("key", key_id)
        del self._keys[key_id]

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        return tuple(self._keys.values())

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """Everything enforced."""
        self._ledger.check()
        enforced = tuple(r for r in self._records.values() if r.status.enforced)
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

    def _keep(self, draft: Draft, status: Status) -> Record:
        if draft.id in self._records:
            raise common.taken("a forget request", draft.id)
        revision = self._ledger.append("filed", draft.id)
        record = draft.recorded(revision, status)
        self._records[draft.id] = record
        self._positions[draft.id] = revision
        return record

    def _settle(self) -> None:
        if not self._gateways:
            return
        lowest = min(revision for revision, _ in self._gateways.values())
        now = datetime.fromtimestamp(self._clock(), UTC)
        for record in list(self._records.values()):
            if record.status is Status.IN_PROGRESS and record.revision <= lowest:
                self._records[record.id] = replace(
                    record, status=Status.COMPLETED, completed_time=now
                )
