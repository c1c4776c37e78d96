"""What somebody who can write to Redis, but has no data key, gets past a gateway: nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.registry import keys
from gateway.registry.errors import AuditBroken, LedgerBroken
from gateway.registry.models import Change, Status
from gateway.registry.redis_store import RedisRegistry
from tests.integration.registry.support import RedisStore, draft, move
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
