"""The registry in Redis: every change is one Lua script, hence all of it or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from gateway.registry import common, keys
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed, Entry, Head
from gateway.registry.cipher import Cipher
from gateway.registry.filing import folded
from gateway.registry.filter import Filter
from gateway.registry.health import StoreHealth, redis_health
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
from gateway.registry.redis_api_keys import RedisApiKeys
from gateway.registry.redis_audit import RedisAudit
from gateway.registry.redis_deliveries import RedisDeliveries
from gateway.registry.redis_ledger import RedisLedger, Rekeyed
from gateway.registry.redis_link import RedisLink
from gateway.registry.redis_outcomes import RedisOutcomes
from gateway.registry.redis_read import RecordReader
from gateway.registry.redis_recipients import RedisRecipients
from gateway.registry.redis_replicas import RedisReplicas
from gateway.registry.redis_rotation import RedisRotation
from gateway.registry.redis_told import RedisTold
from gateway.registry.redis_traces import RedisTraces
from gateway.registry.redis_watch import RedisWatch
from gateway.registry.redis_write import RecordWriter
from gateway.registry.room import Room
from gateway.registry.status import ACTING, WAITING, Status

T = TypeVar("T")
_UNFINISHED = (
    "The data key is being rotated; where no lethe keys rotate-data-key runs, run it again: it "
    "goes on."
)


class RedisRegistry:
    """`Registry` in a Redis that several gateways share; see store.py for what each method says.

    `timeout_s` bounds every call, `lease_s` is how long a gateway counts as live after its last
    acknowledgement. With `replicas`, a change is acknowledged, and told to who follows, when so
    many replicas of Redis have it, with `fsync` on their disks. One object keeps to one ledger:
    once opened, it refuses to read or write another epoch, or one that ends before a revision
    that it has seen. `folder` is where the Redis keeps its data, if that is on this machine.
    `recipients` and `deliveries` of webhooks are its own.
    """

    def __init__(
        self,
        url: str,
        cipher: Cipher,
        *,
        timeout_s: float = 2.0,
        lease_s: float = 5.0,
        allow_volatile: bool = False,
        client_name: str = "lethe:gateway",
        replicas: int = 0,
        fsync: bool = False,
        folder: Path | None = None,
    ) -> None:
        room = Room(folder)
        self._link = RedisLink(
            url,
            timeout_s=timeout_s,
            client_name=client_name,
            room=room,
            replicas=replicas,
            fsync=fsync,
        )
        self._watch = RedisWatch(self._link, room, replicas=replicas)
        self._ledger = RedisLedger(self._link, cipher, allow_volatile=allow_volatile)
        self._reader = RecordReader(self._link, cipher)
        self._told = RedisTold(self._ledger, self._reader)
        self._writer = RecordWriter(self._ledger, cipher)
        self._api_keys = RedisApiKeys(self._link, self._ledger, cipher)
        self._audit = RedisAudit(self._ledger)
        self.outcomes = RedisOutcomes(self._ledger)
        self.traces = RedisTraces(self._ledger, cipher)
        self._replicas = RedisReplicas(self._link, self._ledger, timedelta(seconds=lease_s), cipher)
        self.recipients = RedisRecipients(self._ledger, cipher)
        self.deliveries = RedisDeliveries(self._link, self._ledger, self._reader, cipher)
        self.rotation = RedisRotation(self._link, self._ledger, cipher)

    @property
    def volatile(self) -> bool:
        """Whether the store may lose what it was given; known after `open`."""
        return self._ledger.volatile

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about the store; known after `open`."""
        unfinished = (_UNFINISHED,) if self._ledger.unfinished else ()
        return (
            *self._ledger.warnings,
            *self._watch.warnings,
            *self._audit.warnings,
            *unfinished,
        )

    async def open(self) -> str:
        """Check the store and return its epoch; may be called again after trouble."""
        epoch = await self._ledger.open()
        await self._watch.look(now=True)
        return epoch

    async def close(self) -> None:
        """Give the connections back."""
        await self._link.close()

    async def file(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing; False when this subject_request_id had been filed before."""
        return await _sealed_anew(lambda: self._writer.file(draft))

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        return await _sealed_anew(lambda: self._writer.propose(draft))

    async def get(self, request_id: str) -> Record:
        """One record."""
        record = await self._told.one(request_id)
        if record is None:
            raise common.no_request(request_id)
        return record

    async def list(self, wanted: Filter, limit: int, cursor: str | None) -> Page:
        """A page of records in the order in which they were filed."""
        common.check_limit(limit)
        after = common.decode_cursor(cursor)
        if wanted.submission is not None:
            return common.short_page(await self._reader.submitted(wanted.submission), wanted)
        if wanted.subject is not None:
            found = await self._reader.about(folded(wanted.subject), after, limit + 1)
        elif wanted.overdue is not None:
            ids = await self._reader.overdue(wanted.regulation, wanted.overdue, after, limit + 1)
            found = [(name, place) for place, name in enumerate(ids, start=after + 1)]
        else:
            index = keys.index(wanted.status, wanted.regulation)
            if wanted.since is not None:
                after = max(after, await self._reader.position_at(index, wanted.since) - 1)
            before = None
            if wanted.until is not None:
                before = await self._reader.position_at(index, wanted.until)
            found = await self._reader.positions(index, after, limit + 1, before)
        records = await self._reader.several([request_id for request_id, _ in found[:limit]])
        shown = found[: len(records)]
        return Page(
            # One may have moved on between the two reads.
            items=tuple(filter(wanted.fits, records)),
            next_cursor=common.encode_cursor(shown[-1][1]) if len(found) > len(shown) else None,
        )

    async def overdue(self, now: datetime) -> Mapping[str, int]:
        """How many requests of each regulation are unanswered past their due date."""
        return await self._reader.count_overdue(now)

    async def amend(self, record: Record, amendment: Amendment) -> Record:
        """Move a record on as it was read, give it another due date or another version."""
        return await _sealed_anew(lambda: self._writer.amend(record, amendment))

    async def note(self, request_id: str, text: str, by: str) -> Note:
        """Keep a note on a request."""
        return await _sealed_anew(lambda: self._writer.note(request_id, text, by))

    async def notes(self, request_id: str) -> Sequence[Note]:
        """The notes on a request."""
        return await self._reader.notes(request_id)

    async def versions(
        self, record: Record, after: int = 0, limit: int = common.MAX_PAGE
    ) -> Sequence[Version]:
        """The versions of a filing that follow one."""
        return await self._reader.versions(record, after, limit)

    async def events(
        self, request_id: str, after: int = 0, limit: int | None = None
    ) -> Sequence[Entry]:
        """What happened to one request."""
        return await self._audit.events(request_id, after, limit)

    async def audit(self, after: int, limit: int) -> Sequence[bytes]:
        """The entries of the audit that follow one."""
        return await self._audit.lines(after, limit)

    async def audit_head(self) -> tuple[str, Head]:
        """The epoch of the ledger, and where its audit ends."""
        return await self._audit.head()

    async def log(self, deed: Deed, about: Sequence[str] = ()) -> None:
        """Tell the audit of something that changes no request."""
        await self._audit.log(deed, about)

    async def steer(self, record: Record, steering: bytes, by: str) -> Record:
        """Keep steering vectors beside a record as it was read."""
        return await _sealed_anew(lambda: self._writer.steer(record, steering, by))

    async def claim(self, work: str, holder: str, lease_s: float) -> bool:
        """Whether a piece of work falls to this holder, until the lease runs out."""
        return await self._replicas.claim(work, holder, timedelta(seconds=lease_s))

    async def put_key(self, key: ApiKey, by: str) -> int:
        """Add an API key; raises `Conflict` when its id is in use."""
        return await _sealed_anew(lambda: self._api_keys.put(key, by))

    async def drop_key(self, key_id: str, by: str) -> int:
        """Revoke an API key."""
        return await self._api_keys.drop(key_id, by)

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        revision, found = await self._api_keys.all()
        await self._told.check_keys((key.id for key in found), revision)
        return found

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """Everything enforced; read in batches, opened in a thread, compared with the ledger."""
        epoch, revision, (sealed,) = await self._ledger.read(RedisApiKeys.READ)
        records: dict[str, Record] = {}
        # In their order: requests move from one index to a later one meanwhile.
        for status in Status:
            if status in ACTING | WAITING:
                async for batch in self._reader.all_in(status, held or {}):
                    records |= {record.id: record for record in batch if record.enforced}
        api_keys = self._api_keys.opened(sealed)
        await self._told.check(records, (key.id for key in api_keys), revision)
        await self._link.confirm()
        return State(
            epoch=epoch,
            revision=self._ledger.saw(revision),
            records=tuple(sorted(records.values(), key=lambda r: (r.received_time, r.id))),
            keys=api_keys,
        )

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision, at most 1,000 of them; waits for the first."""
        changes = await self._ledger.tail(after, block_s)
        self._told.saw(changes)
        return changes

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision and is alive; then settle."""
        await self._replicas.acknowledge(gateway_id, revision)
        await self._watch.look()  # here, because a gateway comes by every second

    async def gateways(self) -> tuple[Replica, ...]:
        """All registered gateways, by Redis' own clock."""
        return await self._replicas.all()

    async def health(self) -> StoreHealth:
        """How Redis is doing at this moment."""
        return await redis_health(self._link)

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway; then settle."""
        await self._replicas.leave(gateway_id)


async def _sealed_anew(change: Callable[[], Awaitable[T]]) -> T:
    """A change, made once more where the data key was rotated while it was on its way."""
    try:
        return await change()
    except Rekeyed:
        return await change()
