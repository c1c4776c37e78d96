"""What somebody who can write to Redis, but has no data key, gets past a gateway: nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from gateway.registry import keys
from gateway.registry.amendment import Amendment
from gateway.registry.errors import AuditBroken, LedgerBroken
from gateway.registry.models import Change
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from tests.integration.registry.support import BY, RedisStore, api_key, draft, filing, move
from tests.integration.registry.test_redis import registry

__all__ = ["registry"]


def append(store: RedisStore, key: str, number: int, fields: Any) -> None:
    store.raw.xadd(key, fields, id=f"{number}-0")


def entries_of(store: RedisStore, key: str) -> list[tuple[bytes, Any]]:
    raw: Any = store.raw
    return list(raw.xrange(key))


async def test_a_written_entry_of_the_ledger(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    epoch = redis_store.raw.hget(keys.META, "epoch")
    forged = {b"kind": b"lifted", b"id": record.id.encode(), b"epoch": epoch}
    append(redis_store, keys.LEDGER, 2, forged)
    redis_store.raw.set(keys.REVISION, 2)
    with pytest.raises(LedgerBroken, match="not written by a gateway"):
        await registry.tail(1, 1)
    assert (await registry.get(record.id)).status is Status.IN_PROGRESS


async def test_a_replayed_entry_of_the_ledger(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    await move(registry, record.id, Status.PAUSED)
    await move(registry, record.id, Status.IN_PROGRESS)
    _, paused = entries_of(redis_store, keys.LEDGER)[1]
    append(redis_store, keys.LEDGER, 4, paused)
    redis_store.raw.set(keys.REVISION, 4)
    with pytest.raises(LedgerBroken):
        await registry.tail(3, 1)


async def test_reordered_entries_of_the_ledger(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    for name in ("Person One", "Person Two"):
        await registry.file(draft(name))
    entries = entries_of(redis_store, keys.LEDGER)
    redis_store.raw.delete(keys.LEDGER)
    for number, (_, fields) in enumerate(reversed(entries), start=1):
        append(redis_store, keys.LEDGER, number, fields)
    with pytest.raises(LedgerBroken):
        await registry.tail(0, 1)


async def test_the_last_entries_of_the_ledger_cut_off(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    """Nothing follows, as when nothing is new; a gateway must not take that for the newest."""
    for name in ("Person One", "Person Two", "Person Three"):
        await registry.file(draft(name))
    redis_store.raw.xtrim(keys.LEDGER, maxlen=0)
    with pytest.raises(LedgerBroken, match="has no revision 3: it was cut"):
        await registry.tail(2, 1)


async def test_an_altered_entry_of_the_audit(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    await move(registry, record.id, Status.LIFTED)
    entries = entries_of(redis_store, keys.AUDIT)
    redis_store.raw.delete(keys.AUDIT)
    for number, (_, fields) in enumerate(entries, start=1):
        fields[b"entry"] = fields[b"entry"].replace(b"key_officer", b"key_someone")
        append(redis_store, keys.AUDIT, number, fields)
    with pytest.raises(AuditBroken):
        await registry.audit(0, 10)
    with pytest.raises(AuditBroken):
        await registry.events(record.id)


async def test_a_head_of_the_audit_that_was_taken_away(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    await registry.file(draft("Person One"))
    redis_store.raw.delete(keys.AUDIT_HEAD)
    other = redis_store.connect()
    for each in (registry, other):
        with pytest.raises(AuditBroken, match="deleted or altered"):
            await each.file(draft("Person Two"))
    await other.close()
    assert len(await registry.audit(0, 10)) == 1
    assert await registry.tail(0, 1) == (
        Change(1, "filed", (await registry.state()).records[0].id),
    )


@pytest_asyncio.fixture
async def other(redis_store: RedisStore) -> AsyncIterator[RedisRegistry]:
    """The registry of a gateway that starts afterwards."""
    other = redis_store.connect()
    await other.open()
    yield other
    await other.close()


def put(store: RedisStore, request_id: str, was: Status, status: Status) -> None:
    """Call a request something else, with its places in the indexes."""
    raw: Any = store.raw
    raw.hset(keys.request(request_id), "status", status.value)
    for regulation in (None, "gdpr"):
        position = raw.zscore(keys.index(was, regulation), request_id)
        raw.zrem(keys.index(was, regulation), request_id)
        raw.zadd(keys.index(status, regulation), {request_id: position})


async def test_a_request_that_was_called_lifted(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    put(redis_store, record.id, Status.IN_PROGRESS, Status.LIFTED)
    with pytest.raises(LedgerBroken, match=f"{record.id}.*restore the newest backup"):
        await other.state()


async def test_a_request_that_was_called_enforced(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.propose(draft())
    put(redis_store, record.id, Status.PENDING, Status.IN_PROGRESS)
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_a_provisional_request_that_was_called_an_ordinary_one(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    filed = replace(draft(), status=Status.IDENTITY_UNVERIFIED, provisional=True)
    record, _ = await registry.file(filed)
    assert len((await other.state()).records) == 1
    redis_store.raw.hset(keys.request(record.id), "provisional", "0")
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_a_deleted_entry_of_an_index(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    redis_store.raw.zrem(keys.index(Status.IN_PROGRESS), record.id)
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_a_deleted_request(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    record, _ = await registry.file(draft())
    await other.state()
    redis_store.raw.delete(keys.request(record.id))
    with pytest.raises(LedgerBroken):
        await other.get(record.id)


@pytest.mark.parametrize("all_of_it", [True, False])
async def test_an_older_version_put_back(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore, all_of_it: bool
) -> None:
    record, _ = await registry.file(draft())
    raw: Any = redis_store.raw
    before = raw.hgetall(keys.request(record.id))
    case = record.decided
    amended = await registry.amend(
        record, Amendment("amended", BY, case, filing=filing("Mira Quell-Vane"), rule=b"another")
    )
    if not all_of_it:  # it says that it is the newest
        before[b"revision"] = b"%d" % amended.revision
    raw.hset(keys.request(record.id), mapping=before)
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_an_older_state_put_back(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    """Resumed since, it looks paused as it truly was before."""
    record, _ = await registry.file(draft())
    await move(registry, record.id, Status.PAUSED)
    raw: Any = redis_store.raw
    paused = raw.hgetall(keys.request(record.id))
    await move(registry, record.id, Status.IN_PROGRESS)
    raw.hset(keys.request(record.id), mapping=paused)
    put(redis_store, record.id, Status.IN_PROGRESS, Status.PAUSED)
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_a_revoked_api_key_put_back(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    await registry.put_key(api_key(), BY)
    raw: Any = redis_store.raw
    sealed = raw.hgetall(keys.API_KEYS)
    await registry.drop_key("key_1", BY)
    raw.hset(keys.API_KEYS, mapping=sealed)
    with pytest.raises(LedgerBroken, match="key_1"):
        await other.state()


async def test_a_gateway_that_runs_reads_a_revoked_api_key_anew(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    """As it does when another key is created."""
    await registry.put_key(api_key(), BY)
    raw: Any = redis_store.raw
    sealed = raw.hgetall(keys.API_KEYS)
    await registry.drop_key("key_1", BY)
    assert (await other.state()).keys == ()
    raw.hset(keys.API_KEYS, mapping=sealed)
    await registry.put_key(api_key("key_2"), BY)
    with pytest.raises(LedgerBroken, match="key_1"):
        await other.keys()


async def test_an_api_key_taken_out(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    await registry.put_key(api_key(), BY)
    redis_store.raw.hdel(keys.API_KEYS, "key_1")
    with pytest.raises(LedgerBroken, match="key_1"):
        await other.state()


@pytest.mark.parametrize("revision", [None, 3, 1_000])
async def test_a_gateway_that_runs_reads_an_altered_request_anew(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore, revision: int | None
) -> None:
    """As it does when the request has new steering vectors."""
    record, _ = await registry.file(draft())
    revision_then = (await other.state()).revision
    steered = await registry.steer(record, b"vectors", BY)
    put(redis_store, record.id, Status.IN_PROGRESS, Status.LIFTED)
    if revision is not None:
        redis_store.raw.hset(keys.request(record.id), "revision", revision)
    assert len(await other.tail(revision_then, 1)) == 1
    with pytest.raises(LedgerBroken):
        await other.get(steered.id)


async def test_a_ledger_cut_before_a_gateway_starts(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    for name in ("Person One", "Person Two"):
        await registry.file(draft(name))
    redis_store.cut(1)
    with pytest.raises(LedgerBroken):
        await other.state()


async def test_a_whole_life_is_what_the_ledger_tells(
    registry: RedisRegistry, other: RedisRegistry, redis_store: RedisStore
) -> None:
    """Whatever a request goes through, one that starts and one that runs take it over."""
    provisional = replace(draft("A"), status=Status.IDENTITY_UNVERIFIED, provisional=True)
    waiting = replace(draft("B"), status=Status.IDENTITY_UNVERIFIED)
    for filed in (provisional, waiting, draft("C")):
        await registry.file(filed)
    steps = (
        Status.PENDING, Status.APPROVED, Status.IN_PROGRESS, Status.PAUSED, Status.IN_PROGRESS,
        Status.COMPLETED, None, Status.LIFTED,
    )  # fmt: skip
    followed = 0
    for status in steps:
        for filed in (provisional, waiting):
            record = await registry.get(filed.id)
            if status is Status.COMPLETED:
                await registry.acknowledge("a", (await registry.state()).revision)
            elif status is None:
                text = filing(f"{filed.filing.subject.name} Quell")
                edited = Amendment("amended", BY, record.decided, filing=text, rule=b"another")
                await registry.amend(record, edited)
            else:
                await move(registry, filed.id, status)
            begun = redis_store.connect()
            await begun.open()
            state = await begun.state()
            held = {r.id: r for r in (*state.records, record)}
            assert {r.id for r in (await begun.state(held)).records} == {
                r.id for r in state.records
            }
            await begun.close()
            assert state == await other.state()
            for change in await other.tail(followed, 1):
                followed = change.revision
                await other.get(change.id)
    assert [record.filing.folded_name for record in state.records] == ["c"]


async def test_requests_change_while_a_gateway_starts(
    registry: RedisRegistry, redis_store: RedisStore
) -> None:
    ids = [(await registry.file(draft(f"Person {n}")))[0].id for n in range(40)]

    async def change() -> None:
        for n, request_id in enumerate(ids):
            record = await registry.get(request_id)
            await registry.amend(
                record,
                Amendment("amended", BY, record.decided, filing=filing(f"Person {n}"), rule=b"x"),
            )
            await move(registry, request_id, Status.PAUSED if n % 2 else Status.LIFTED)
            await registry.file(draft(f"Another {n}"))
            await registry.put_key(api_key(f"key_{n}"), BY)

    changing = asyncio.create_task(change())
    while not changing.done():
        begun = redis_store.connect()
        await begun.open()
        state = await begun.state()
        for changed in await begun.tail(state.revision, 0.1):
            if not changed.kind.startswith("key"):
                await begun.get(changed.id)
        await begun.keys()
        await begun.close()
    await changing
