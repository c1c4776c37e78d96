"""The registry in Redis: every change is one Lua script, hence all of it or nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from gateway.errors import SettingsError
from gateway.registry import common, keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import (
    open_key,
    read_record,
    seal_key,
    sealed_texts,
    submission,
    to_microseconds,
)
from gateway.registry.filed import filing_bytes
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
from gateway.registry.redis_check import Fitness, check_redis
from gateway.registry.redis_link import RedisLink
from gateway.registry.redis_read import RecordReader

log = logging.getLogger(__name__)

SCHEMA = 1
_VERSION = 1
"""Of every filing."""
_TAIL_COUNT = 1_000
_HEAD = (keys.META, keys.REVISION, keys.LEDGER)
_SETTLE = (
    keys.GATEWAYS,
    keys.GATEWAYS_SEEN,
    keys.OPEN,
    keys.index(Status.IN_PROGRESS),
    keys.index(Status.COMPLETED),
    keys.REQUEST,
)
_WHERE = (("HGET", keys.META, "epoch"), ("GET", keys.REVISION))
_KEYS = ("HGETALL", keys.API_KEYS)


class RedisRegistry:
    """`Registry` in a Redis that several gateways share; see store.py for what each method says.

    `timeout_s` bounds every call, `lease_s` is how long a gateway counts as live after its last
    acknowledgement. One object keeps to one ledger: once opened, it refuses to read or write
    another epoch, or one that ends before a revision that it has seen.
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
    ) -> None:
        self.volatile = False
        self.warnings: tuple[str, ...] = ()
        self._link = RedisLink(url, timeout_s=timeout_s, client_name=client_name)
        self._cipher = cipher
        self._records = RecordReader(self._link, cipher)
        self._lease = timedelta(seconds=lease_s)
        self._allow_volatile = allow_volatile
        self._epoch: str | None = None
        self._known = 0

    async def open(self) -> str:
        """Check the store and return its epoch; may be called again after trouble."""
        async with self._link.reach():
            fitness = await check_redis(self._link.commands, allow_volatile=self._allow_volatile)
        self._remark(fitness)
        proof = self._cipher.seal(b"lethe", "proof")
        answer = await self._link.run("create", _HEAD, [SCHEMA, str(uuid4()), proof])
        if answer[0] == b"headless":
            raise common.headless_ledger()
        meta = _fields(answer[1])
        if int(meta[b"schema"]) > SCHEMA:
            raise SettingsError(
                f"Redis holds schema {int(meta[b'schema'])} of Lethe, this version knows "
                f"{SCHEMA}: install the newer version."
            )
        self._cipher.open_(meta[b"proof"], "proof")
        epoch = meta[b"epoch"].decode()
        if self._epoch not in (None, epoch):
            raise common.another_ledger()
        self._epoch = epoch
        return epoch

    async def close(self) -> None:
        """Give the connections back."""
        await self._link.close()

    async def file(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing; False when this subject_request_id had been filed before."""
        lookup, content = submission(draft.filing, self._cipher)
        tag, *rest = await self._change(
            "file",
            [
                keys.request(draft.id),
                keys.index(None),
                keys.index(Status.IN_PROGRESS),
                keys.OPEN,
                keys.SUBMISSIONS,
                keys.REQUEST,
            ],
            [
                draft.id,
                _VERSION,
                lookup,
                content,
                to_microseconds(draft.received_time),
                to_microseconds(draft.expected_completion_time),
                *sealed_texts(draft, _VERSION, self._cipher),
            ],
        )
        return self._filed(draft, Status.IN_PROGRESS, tag, rest)

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        tag, *rest = await self._change(
            "propose",
            [
                keys.request(draft.id),
                keys.index(None),
                keys.index(Status.PENDING),
                keys.SUBMISSIONS,
                keys.REQUEST,
            ],
            [
                draft.id,
                _VERSION,
                self._cipher.lookup("proposal:" + draft.filing.folded_name),
                MAX_PENDING,
                to_microseconds(draft.received_time),
                to_microseconds(draft.expected_completion_time),
                *sealed_texts(draft, _VERSION, self._cipher),
            ],
        )
        if tag == b"full":
            raise common.too_many_pending()
        return self._filed(draft, Status.PENDING, tag, rest)

    async def get(self, request_id: str) -> Record:
        """One record."""
        record = await self._records.one(request_id)
        if record is None:
            raise common.no_request(request_id)
        return record

    async def list(self, status: Status | None, limit: int, cursor: str | None) -> Page:
        """A page of records in the order in which they were filed."""
        common.check_limit(limit)
        found = await self._records.positions(status, common.decode_cursor(cursor), limit + 1)
        shown = found[:limit]
        records = await self._records.several([request_id for request_id, _ in shown])
        return Page(
            # One may have moved on between the two reads.
            items=tuple(r for r in records if status is None or r.status is status),
            next_cursor=common.encode_cursor(shown[-1][1]) if len(found) > limit else None,
        )

    async def move(self, request_id: str, to: Status) -> Record:
        """Approve, deny, lift or cancel a request."""
        tag, *rest = await self._change(
            "move",
            [keys.request(request_id), keys.OPEN, keys.INDEX_BY_STATUS],
            [request_id, to.value, *(status.value for status in MOVES.get(to, ()))],
        )
        if tag == b"absent":
            raise common.no_request(request_id)
        if tag == b"conflict":
            raise common.immovable(request_id, Status(rest[0].decode()), to)
        self._saw(rest[0])
        return read_record(request_id, _fields(rest[1]), self._cipher)

    async def put_key(self, key: ApiKey) -> None:
        """Add an API key; raises `Conflict` when its id is in use."""
        tag, *rest = await self._change(
            "put_key", [keys.API_KEYS], [key.id, seal_key(key, self._cipher)]
        )
        if tag == b"taken":
            raise common.taken("an API key", key.id)
        self._saw(rest[0])

    async def drop_key(self, key_id: str) -> None:
        """Revoke an API key."""
        tag, *rest = await self._change("drop_key", [keys.API_KEYS], [key_id])
        if tag == b"absent":
            raise common.no_key(key_id)
        self._saw(rest[0])

    async def keys(self) -> tuple[ApiKey, ...]:
        """All API keys."""
        (sealed,) = await self._link.read(_KEYS)
        return self._opened(sealed)

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        """Everything enforced; read in batches, opened in a thread."""
        known = self._known
        epoch, revision, sealed = await self._link.read(*_WHERE, _KEYS)
        revision = self._check(epoch, revision, known)
        records: dict[str, Record] = {}
        # In this order: settling moves requests from the first index to the second meanwhile.
        for status in (Status.IN_PROGRESS, Status.COMPLETED):
            async for batch in self._records.all_in(status, held or {}):
                records |= {record.id: record for record in batch if record.status.enforced}
        return State(
            epoch=epoch.decode(),
            revision=self._saw(revision),
            records=tuple(sorted(records.values(), key=lambda r: (r.received_time, r.id))),
            keys=self._opened(sealed),
        )

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        """The changes after a revision, at most 1,000 of them; waits for the first."""
        known = max(after, self._known)
        epoch, revision = await self._link.read(*_WHERE)
        self._check(epoch, revision, known)
        entries = await self._link.wait(keys.LEDGER, f"{after}-0", _TAIL_COUNT, block_s)
        if any(fields[b"epoch"].decode() != self._epoch for _, fields in entries):
            raise common.another_ledger()
        changes = tuple(
            Change(int(i.split(b"-")[0]), fields[b"kind"].decode(), fields[b"id"].decode())
            for i, fields in entries
        )
        common.check_order(changes, after)
        if changes:
            self._saw(changes[-1].revision)
        return changes

    async def acknowledge(self, gateway_id: str, revision: int) -> None:
        """Say that a gateway enforces a revision and is alive; then settle."""
        await self._settling("acknowledge", [gateway_id, revision], revision)

    async def gateways(self) -> tuple[Replica, ...]:
        """All registered gateways, by Redis' own clock."""
        return await self._records.gateways(self._lease)

    async def leave(self, gateway_id: str) -> None:
        """Unregister a gateway; then settle."""
        await self._settling("leave", [gateway_id])

    def _opened(self, sealed: Mapping[bytes, bytes]) -> tuple[ApiKey, ...]:
        return tuple(open_key(i.decode(), key, self._cipher) for i, key in sealed.items())

    def _filed(
        self, draft: Draft, status: Status, tag: bytes, rest: Sequence[Any]
    ) -> tuple[Record, bool]:
        """What a script that files has answered."""
        if tag == b"conflict":
            raise common.reused()
        if tag == b"taken":
            raise common.taken("a forget request", draft.id)
        if tag == b"known":
            return read_record(rest[0].decode(), _fields(rest[1]), self._cipher), False
        return Record(
            id=draft.id,
            version=_VERSION,
            revision=self._saw(rest[0]),
            status=status,
            filed=filing_bytes(draft.filing),
            rule=draft.rule,
            received_time=draft.received_time,
            expected_completion_time=draft.expected_completion_time,
        ), True

    async def _settling(self, script: str, args: Sequence[str | int], claimed: int = 0) -> None:
        more = 1
        while more:
            _, more = await self._change(script, _SETTLE, args, claimed)

    async def _change(
        self,
        script: str,
        names: Sequence[str],
        args: Sequence[str | int | bytes],
        claimed: int = 0,
    ) -> Sequence[Any]:
        """Run a script that changes something; it refuses any ledger but the one we know.

        `claimed` is a revision that the caller says has existed.
        """
        if self._epoch is None:
            await self.open()
        known = max(self._known, claimed)
        answer = await self._link.run(script, [*_HEAD, *names], [self._epoch, known, *args])
        if answer[0] == b"epoch":
            raise common.another_ledger()
        if answer[0] == b"behind":
            raise common.shorter_ledger(await self._revision(), known)
        return answer

    async def _revision(self) -> int:
        (revision,) = await self._link.read(("GET", keys.REVISION))
        return int(revision or 0)

    def _check(self, epoch: bytes | None, revision: bytes | None, known: int) -> int:
        if epoch is None or self._epoch not in (None, epoch.decode()):
            raise common.another_ledger()
        found = int(revision or 0)
        if found < known:
            raise common.shorter_ledger(found, known)
        return found

    def _remark(self, fitness: Fitness) -> None:
        """Keep what the check found; tell it once, and not at every call of `open`."""
        for text in fitness.warnings:
            if text not in self.warnings:
                log.warning("%s", text)
        self.volatile, self.warnings = fitness.volatile, fitness.warnings

    def _saw(self, revision: bytes | int) -> int:
        found = int(revision)
        self._known = max(self._known, found)
        return found


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash as a script returns it: names and values in turn."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
