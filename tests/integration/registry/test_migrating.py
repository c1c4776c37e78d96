"""A store that the version before this one has left is read, indexed and written on."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import RegistryUnavailable
from gateway.registry import keys
from gateway.registry.audit import entry_of
from gateway.registry.errors import LedgerBroken
from gateway.registry.filter import Filter
from gateway.registry.models import Draft
from gateway.registry.status import Status
from tests.integration.registry.support import NOW, RedisStore, draft, move

LATE = NOW.replace(year=NOW.year + 1)


async def filled(store: RedisStore) -> list[Draft]:
    """A store of schema 1: three requests, of which one waits and one was lifted."""
    registry = store.connect()
    drafts = [draft("Person One"), draft("Person Two", regulation="ccpa"), draft("Person Three")]
    for filed in drafts[:2]:
        await registry.file(filed)
    await registry.propose(drafts[2])
    await move(registry, drafts[0].id, Status.LIFTED)
    await registry.close()
    raw: Any = store.raw
    for filed in drafts:
        raw.hdel(keys.request(filed.id), "regulation", "provisional", "case")
    for status in Status:
        if raw.exists(keys.index(status)):
            raw.rename(keys.index(status), f"{keys.INDEX}:{status.value}")
    for name in raw.scan_iter():
        began = (keys.AUDIT, keys.EVENTS, keys.SUBJECT, keys.DUE, keys.INDEX + ":")
        old = name.decode() in {f"{keys.INDEX}:{status.value}" for status in Status}
        if name.decode().startswith(began) and not old:
            raw.delete(name)
    entries = raw.xrange(keys.LEDGER)
    raw.delete(keys.LEDGER)
    for place, fields in entries:
        del fields[b"mark"]
        raw.xadd(keys.LEDGER, fields, id=place)
    raw.hdel(keys.META, "unmarked")
    raw.hset(keys.META, "schema", 1)
    return drafts


async def test_everything_is_found_and_goes_on(redis_store: RedisStore) -> None:
    drafts = await filled(redis_store)
    registry = redis_store.connect()
    await registry.open()
    assert [c.revision for c in await registry.tail(0, 1)] == [1, 2, 3, 4]
    assert [r.id for r in (await registry.state()).records] == [drafts[1].id]
    wanted = {
        drafts[0].id: Filter(Status.LIFTED, "gdpr"),
        drafts[1].id: Filter(regulation="ccpa", overdue=LATE),
        drafts[2].id: Filter(Status.PENDING, subject="person three"),
    }
    for name, fitting in wanted.items():
        assert [r.id for r in (await registry.list(fitting, 10, None)).items] == [name]
    assert len((await registry.list(Filter(), 10, None)).items) == 3
    assert redis_store.raw.hget(keys.META, "schema") == b"2"
    assert not redis_store.raw.exists(f"{keys.INDEX}:lifted")
    await move(registry, drafts[2].id, Status.APPROVED)
    await registry.acknowledge("a", 5)
    assert (await registry.get(drafts[2].id)).status is Status.COMPLETED
    lines = await registry.audit(0, 10)
    assert [entry_of(line).action for line in lines] == ["approved", "completed"]
    await registry.close()


async def test_another_gateway_waits_for_the_one_that_is_at_it(redis_store: RedisStore) -> None:
    await filled(redis_store)
    redis_store.raw.set(keys.CLAIM + "migrate", "another", px=60_000)
    registry = redis_store.connect()
    with pytest.raises(RegistryUnavailable, match="schema"):
        await registry.open()
    redis_store.raw.delete(keys.CLAIM + "migrate")
    await registry.open()
    await registry.close()


async def test_what_ended_in_the_middle_is_brought_on(redis_store: RedisStore) -> None:
    drafts = await filled(redis_store)
    registry = redis_store.connect()
    await registry.open()
    redis_store.raw.hset(keys.META, "schema", 1)
    redis_store.raw.hdel(keys.META, "unmarked")
    again = redis_store.connect()
    await again.open()
    assert [r.id for r in (await again.state()).records] == [drafts[1].id]
    for each in (registry, again):
        await each.close()


async def test_entries_after_it_have_to_be_marked(redis_store: RedisStore) -> None:
    await filled(redis_store)
    registry = redis_store.connect()
    await registry.open()
    filed = draft("Person Four")
    await registry.file(filed)
    assert [c.id for c in await registry.tail(4, 1)] == [filed.id]
    raw: Any = redis_store.raw
    ((_, fields),) = raw.xrange(keys.LEDGER, "5-0")
    del fields[b"mark"]
    raw.xadd(keys.LEDGER, fields, id="6-0")
    redis_store.raw.set(keys.REVISION, 6)
    with pytest.raises(LedgerBroken):
        await registry.tail(5, 1)
    await registry.close()


async def test_a_newer_store_that_is_called_an_older_one_is_not_brought_anywhere(
    redis_store: RedisStore,
) -> None:
    """No entry of its ledger would need a mark any more."""
    registry = redis_store.connect()
    await registry.file(draft())
    await registry.close()
    redis_store.raw.hset(keys.META, "schema", 1)
    again = redis_store.connect()
    with pytest.raises(LedgerBroken, match="somebody altered it"):
        await again.open()
    await again.close()
