"""The audit and the ledger in the hands of somebody who can write to Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from gateway.registry import keys
from gateway.registry.audit import Deed, Head, entry_of, follow, genesis, hash_of
from gateway.registry.cipher import Cipher
from gateway.registry.errors import AuditBroken
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from gateway.registry.store import Registry
from tests.integration.registry.support import BY, RedisStore, draft, move

FILED = 4


async def fill(registry: Registry) -> None:
    for number in range(FILED):
        await registry.file(draft(f"Person {number}"))


class TestChain:
    async def test_without_an_entry(self, registry: Registry) -> None:
        epoch, head = await registry.audit_head()
        assert head == genesis(epoch)
        assert await registry.audit(0, 10) == []

    async def test_many_gateways_write_one_chain(self, store: Any) -> None:
        registries = [store.connect() for _ in range(4)]
        try:
            for each in registries:
                await each.open()
            names = [(each, f"Person {n}") for n in range(25) for each in registries]
            await asyncio.gather(*(each.file(draft(name)) for each, name in names))
            epoch, head = await registries[0].audit_head()
            lines = await registries[0].audit(0, 1_000)
            assert len(lines) == 100
            assert follow(lines, genesis(epoch)) == head
        finally:
            for each in registries:
                await each.close()


@pytest_asyncio.fixture
async def filled(redis_store: RedisStore) -> AsyncIterator[RedisRegistry]:
    registry = redis_store.connect()
    await registry.open()
    await fill(registry)
    yield registry
    await registry.close()


def entry(raw: Any, number: int) -> dict[bytes, bytes]:
    ((_, fields),) = raw.xrange(keys.AUDIT, f"{number}-0", f"{number}-0")
    found: dict[bytes, bytes] = fields
    return found


def replace_tail(raw: Any, entries: list[tuple[str, dict[bytes, bytes]]], start: int) -> None:
    """Entries from a number on are others: a stream takes none in between."""
    kept = raw.xrange(keys.AUDIT, "-", f"({start}-0")
    raw.delete(keys.AUDIT)
    for place, fields in [*kept, *entries]:
        raw.xadd(keys.AUDIT, fields, id=place)


def altered(raw: Any) -> None:
    fields = entry(raw, FILED)
    line = fields[b"entry"].replace(b'"by":""', b'"by":"mole"')
    assert line != fields[b"entry"]
    replace_tail(raw, [(f"{FILED}-0", fields | {b"entry": line})], FILED)
    raw.set(keys.AUDIT_HEAD, f"{FILED} {hash_of(line)}")


def forged(raw: Any) -> None:
    line = entry(raw, FILED)[b"entry"].replace(b'"number":4', b'"number":5')
    raw.xadd(keys.AUDIT, {"entry": line, "mark": "0" * 32}, id=f"{FILED + 1}-0")
    raw.set(keys.AUDIT_HEAD, f"{FILED + 1} {hash_of(line)}")


def replayed(raw: Any) -> None:
    raw.xadd(keys.AUDIT, entry(raw, 2), id=f"{FILED + 1}-0")
    raw.set(keys.AUDIT_HEAD, f"{FILED + 1} {hash_of(entry(raw, 2)[b'entry'])}")


def repeated(raw: Any) -> None:
    raw.xadd(keys.AUDIT, entry(raw, FILED), id=f"{FILED}-1")


def reordered(raw: Any) -> None:
    last, before = entry(raw, FILED), entry(raw, FILED - 1)
    replace_tail(raw, [(f"{FILED - 1}-0", last), (f"{FILED}-0", before)], FILED - 1)


def without_a_mark(raw: Any) -> None:
    replace_tail(raw, [(f"{FILED}-0", {b"entry": entry(raw, FILED)[b"entry"]})], FILED)


def emptied(raw: Any) -> None:
    raw.delete(keys.AUDIT)


def gone(raw: Any) -> None:
    raw.delete(keys.AUDIT, keys.AUDIT_HEAD)


def cut(raw: Any) -> None:
    raw.xdel(keys.AUDIT, f"{FILED}-0")


def rolled_back(raw: Any) -> None:
    raw.xdel(keys.AUDIT, f"{FILED}-0")
    raw.set(keys.AUDIT_HEAD, f"{FILED - 1} {hash_of(entry(raw, FILED - 1)[b'entry'])}")


def headless(raw: Any) -> None:
    raw.delete(keys.AUDIT_HEAD)


def another_head(raw: Any) -> None:
    raw.set(keys.AUDIT_HEAD, f"{FILED} {'0' * 64}")


def higher_head(raw: Any) -> None:
    raw.set(keys.AUDIT_HEAD, f"{FILED + 3} {'0' * 64}")


ENTRIES = [altered, forged, replayed, repeated, reordered, without_a_mark]
ENDS = [emptied, gone, cut, rolled_back, headless, another_head, higher_head]


@pytest.mark.parametrize("tamper", [*ENTRIES, *ENDS], ids=lambda tamper: tamper.__name__)
class TestTampering:
    """By somebody who can write to Redis, and has no data key."""

    async def test_nothing_is_hung_on_it_and_nothing_is_lost(
        self, filled: RedisRegistry, redis_store: RedisStore, tamper: Callable[[Any], None]
    ) -> None:
        before = await filled.state()
        tamper(redis_store.raw)
        other = redis_store.connect()  # one that has not seen what was there
        await other.open()
        for call in (
            lambda: other.file(draft("Tom Quell")),
            lambda: move(other, before.records[0].id, Status.LIFTED),
            lambda: other.log(Deed("looked_at", BY)),
            other.audit_head,
            filled.audit_head,
        ):
            with pytest.raises(AuditBroken):
                await call()
        assert await other.state() == before
        assert await other.tail(FILED, 0.05) == ()
        assert any("audit" in warning for warning in other.warnings)
        await other.close()

    async def test_gateways_go_on_and_are_counted(
        self, filled: RedisRegistry, redis_store: RedisStore, tamper: Callable[[Any], None]
    ) -> None:
        tamper(redis_store.raw)
        other = redis_store.connect()
        await other.open()
        await other.acknowledge("a", FILED)
        assert [(r.id, r.revision, r.live) for r in await filled.gateways()] == [("a", FILED, True)]
        statuses = {record.status for record in (await other.state()).records}
        assert statuses == {Status.IN_PROGRESS}  # completing has to be told, and cannot be
        await other.close()


async def test_it_goes_on_once_the_audit_is_mended(
    filled: RedisRegistry, redis_store: RedisStore
) -> None:
    head: Any = redis_store.raw.get(keys.AUDIT_HEAD)
    redis_store.raw.delete(keys.AUDIT_HEAD)
    with pytest.raises(AuditBroken, match="deleted or altered"):
        await filled.file(draft("Tom Quell"))
    redis_store.raw.set(keys.AUDIT_HEAD, head)
    assert (await filled.file(draft("Tom Quell")))[0].revision == FILED + 1
    assert filled.warnings == ()
    epoch, end = await filled.audit_head()
    assert follow(await filled.audit(0, 100), genesis(epoch)) == end


@pytest.mark.parametrize("tamper", ENDS, ids=lambda tamper: tamper.__name__)
async def test_who_wrote_the_last_entry_hangs_nothing_on_another_end(
    filled: RedisRegistry, redis_store: RedisStore, tamper: Callable[[Any], None]
) -> None:
    tamper(redis_store.raw)
    with pytest.raises(AuditBroken):
        await filled.file(draft("Tom Quell"))


@pytest.mark.parametrize("tamper", ENTRIES, ids=lambda tamper: tamper.__name__)
async def test_what_was_tampered_with_is_not_read(
    filled: RedisRegistry, redis_store: RedisStore, tamper: Callable[[Any], None]
) -> None:
    tamper(redis_store.raw)
    with pytest.raises(AuditBroken, match="not written by a gateway of this deployment"):
        await filled.audit(0, 100)


async def test_an_event_that_was_cut_is_missed(
    filled: RedisRegistry, redis_store: RedisStore
) -> None:
    record = (await filled.state()).records[0]
    (event,) = await filled.events(record.id)
    redis_store.raw.xdel(keys.AUDIT, f"{event.number}-0")
    with pytest.raises(AuditBroken, match=f"Entry {event.number} of the audit is missing"):
        await filled.events(record.id)


async def test_an_entry_that_was_cut_out_stops_the_next_change(
    filled: RedisRegistry, redis_store: RedisStore
) -> None:
    redis_store.raw.xdel(keys.AUDIT, "2-0")
    with pytest.raises(AuditBroken, match="1 were cut out"):
        await filled.file(draft("Tom Hale"))
    with pytest.raises(AuditBroken, match="1 were cut out"):
        await filled.audit_head()
    assert filled.warnings


async def test_a_chain_of_another_data_key_is_none_of_ours(
    filled: RedisRegistry, redis_store: RedisStore
) -> None:
    """Not even one that follows from the beginning without a gap."""
    epoch, _ = await filled.audit_head()
    head, lines = genesis(epoch), []
    for own in await filled.audit(0, FILED):
        line = own.replace(b'"by":""', b'"by":"mole"')
        line = line.replace(entry_of(own).previous.encode(), head.hash.encode())
        head = Head(head.number + 1, hash_of(line))
        lines.append(line)
    assert follow(lines, genesis(epoch)) == head
    forger = Cipher(bytes(32))
    redis_store.raw.delete(keys.AUDIT)
    for number, line in enumerate(lines, start=1):
        mark = forger.mark(line, f"{epoch}:audit:{number}")
        redis_store.raw.xadd(keys.AUDIT, {"entry": line, "mark": mark}, id=f"{number}-0")
    redis_store.raw.set(keys.AUDIT_HEAD, f"{head.number} {head.hash}")
    with pytest.raises(AuditBroken):
        await filled.audit_head()
