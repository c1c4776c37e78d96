"""The registry in Redis: every change is one Lua script, hence all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from gateway.registry import common
from gateway.registry.cipher import Cipher
from gateway.registry.models import ApiKey, Change, Draft, Page, Record, Replica, State, Status
from gateway.registry.redis_api_keys import RedisApiKeys
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.redis_link import RedisLink
from gateway.registry.redis_read import RecordReader
from gateway.registry.redis_replicas import RedisReplicas
from gateway.registry.redis_watch import RedisWatch
from gateway.registry.redis_write import RecordWriter
from gateway.registry.room import Room


class RedisRegistry:
    """`Registry` in a Redis that several gateways share; see store.py for what each method says.

    `timeout_s` bounds every call, `lease_s` is how long a gateway counts as live after its last
    acknowledgement. With `replicas`, a change is acknowledged, and told to who follows, when so
    many replicas of Redis have it, with `fsync` on their disks. One object keeps to one ledger:
    once opened, it refuses to read or write another epoch, or one that ends before a revision
    that it has seen. `folder` is where the Redis keeps its data, if that is on this machine.
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
        self._writer = RecordWriter(self._ledger, cipher)
        self._api_keys = RedisApiKeys(self._link, self._ledger, cipher)
        self._replicas = RedisReplicas(self._link, self._ledger, timedelta(seconds=lease_s))

    @property
    def volatile(self) -> bool:
        """Whether the store may lose what it was given; known after `open`."""
        return self._ledger.volatile

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about the store; known after `open`."""
        return (*self._ledger.warnings, *self._watch.warnings)

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
        return await self._writer.file(draft)

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        return await self._writer.propose(draft)

    async def get(self, request_id: str) -> Record:
        """One record."""
        record = await self._reader.one(request_id)
        if record is None:
            raise common.no_request(request_id)
        return record

    async def list(self, status: Status | None, limit: int, cursor: str | None) -> Page:
        """A page of records in the order in which they were filed."""
        common.check_limit(limit)
        found = await self._reader.positions(status, common.decode_cursor(cursor), limit + 1)
        shown = found[:limit]
        records = await self._reader.several([request_id for request_id, _ in shown])
        return Page(
            # One may have moved on between the two reads.
            items=tuple(r for r in records if status is None or r.status is status),
            next_cursor=common.encode_cursor(shown[-1][1]) if len(found) > limit else None,
        )

    async def move(self, request_id: str, to: Status) -> Record:
        """Approve, deny, lift or cancel a request."""
        return await self._writer.move(request_id, to)

    async def steer(self, record: Record, steering: bytes) -> Record:
        """Keep steering vectors beside a record as it was read."""
        return await self._writer.steer(record, steering)

    async def claim(self, work: str, holder: str, lease_s: float) -> bool:
        """Whether a piece of work falls to this holder, until the lease runs out."""
        return await self._replicas.claim(work, holder, timedelta(seconds=lease_s))

    async def put_key(self, key: ApiKey) -> None:
        """Add an API key; raises `Conflict` when its id is in use."""
        await self._api_keys.put(key)

    async def drop_key(self, key_id: str) -> None:
        """Revoke an API key."""
        await self._api_keys.drop(key_id)

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        return await self._api_keys.all()

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """Everything enforced; read in batches, opened in a thread."""
        epoch, revision, (sealed,) = await self._ledger.read(RedisApiKeys.READ)
        records: dict[str, Record] = {}
        # In this order: settling moves requests from the first index to the second meanwhile.
        for status in (Status.IN_PROGRESS, Status.COMPLETED):
            async for batch in self._reader.all_in(status, held or {}):
                records |= {record.id: record for record in batch if record.status.enforced}
        await self._link.confirm()
        return State(
            epoch=epoch,
            revision=self._ledger.saw(revision),
            records=tuple(sorted(records.values(), key=lambda r: (r.received_time, r.id))),
            keys=self._api_keys.opened(sealed),
        )

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision, at most 1,000 of them; waits for the first."""
        return await self._ledger.tail(after, block_s)

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision and is alive; then settle."""
        await self._replicas.acknowledge(gateway_id, revision)
        await self._watch.look()  # here, because a gateway comes by every second

    async def gateways(self) -> tuple[Replica, ...]:
        """All registered gateways, by Redis' own clock."""
        return await self._replicas.all()

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway; then settle."""
        await self._replicas.leave(gateway_id)
