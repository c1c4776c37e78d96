"""Rotation of the data key: all is sealed anew, nothing is lost, and nobody writes with the old."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import gateway
from gateway.registry import keys
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed, entry_of, follow, genesis
from gateway.registry.cipher import Cipher
from gateway.registry.errors import RegistryError, WrongDataKey
from gateway.registry.filter import Filter
from gateway.registry.hooks import Delivery, Recipient
from gateway.registry.models import Draft, Record
from gateway.registry.redis_rotation import RedisRotation
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from tests.integration.registry.support import (
    BY,
    NOW,
    RedisStore,
    api_key,
    draft,
    filing,
    move,
    until,
)

ONE, TWO, THREE = (bytes([number]) * 32 for number in (1, 2, 3))
SUBMITTED = uuid4()
RECIPIENT = Recipient("rc_1", "Passages", "https://passages.example", "a secret", NOW)
DELIVERY = Delivery("msg_1", "", "filed", 1, 1, "a.example", "t", "fr_1:x", url="https://a.example")


@asynccontextmanager
async def opened(store: RedisStore, *data_keys: bytes) -> AsyncIterator[RedisRegistry]:
    """A gateway's registry, with the data key and the one before."""
    registry = RedisRegistry(store.url, Cipher(*data_keys), lease_s=30)
    try:
        await registry.open()
        yield registry
    finally:
        await registry.close()


async def rotated(registry: RedisRegistry, to: bytes) -> dict[str, int]:
    """All steps of a rotation; the values of each kind that were sealed anew."""
    await registry.rotation.begin(Cipher(to).newest, BY)
    progress = [told async for told in registry.rotation.reseal()][-1]
    await registry.rotation.finish(progress, BY)
    return dict(progress.sealed)


def edit(record: Record, name: str) -> Amendment:
    return Amendment("amended", BY, record.decided, filing=filing(name), rule=b"another")


async def fill(registry: RedisRegistry) -> Sequence[Draft]:
    """Every kind of sealed value: three requests, one of them edited, steered and noted."""
    drafts = [
        draft("Mira Quell"),
        draft("Tom Quell", blind=True),
        draft("Ada Quell", str(SUBMITTED)),
    ]
    for each in drafts:
        await registry.file(each)
    await registry.amend(first := await registry.get(drafts[0].id), edit(first, "Mira Hale"))
    await registry.steer(await registry.get(drafts[0].id), b"vectors", BY)
    for text in ("one", "two"):
        await registry.note(drafts[0].id, text, BY)
    await move(registry, drafts[2].id, Status.LIFTED)
    await registry.put_key(api_key(), BY)
    await registry.traces.keep(b"a trace", 3600)
    await registry.recipients.add(RECIPIENT, BY)
    await registry.deliveries.enqueue(0, 1, [replace(DELIVERY, request_id=drafts[0].id)])
    return drafts


def sealed_with(store: RedisStore, data_key: bytes) -> list[tuple[bytes, bytes]]:
    """Every value in Redis that this key has sealed, wherever it is: its key and field."""
    raw: Any = store.raw
    head = b"\x01" + bytes.fromhex(Cipher(data_key).newest)
    found = []
    for key in raw.scan_iter("*"):
        match raw.type(key):
            case b"hash":
                values = list(raw.hgetall(key).items())
            case b"list":
                values = [(b"%d" % i, value) for i, value in enumerate(raw.lrange(key, 0, -1))]
            case b"string":
                values = [(b"", raw.get(key))]
            case b"stream":
                values = [pair for _, fields in raw.xrange(key) for pair in fields.items()]
            case b"set":
                values = [(b"", member) for member in raw.smembers(key)]
            case _:
                values = [(b"", member) for member in raw.zrange(key, 0, -1)]
        found += [(key, field) for field, value in values if value.startswith(head)]
    return found


@pytest.mark.parametrize("age", ["new", "of the version before"])
async def test_all_is_sealed_anew_and_the_new_key_alone_opens_it(
    redis_store: RedisStore, age: str
) -> None:
    async with opened(redis_store, ONE) as registry:
        drafts = await fill(registry)
        before = await registry.state()
        audited = await registry.audit(0, 100)
    if age != "new":
        redis_store.raw.hdel(keys.META, "keyring")
    counts = {"api_keys": 1, "requests": 10, "versions": 1, "notes": 2, "traces": 1}
    counts |= {"recipients": 1, "deliveries": 1}
    meta = 3 if age == "new" else 2
    assert len(sealed_with(redis_store, ONE)) == sum(counts.values()) + meta
    async with opened(redis_store, TWO, ONE) as registry:
        assert await rotated(registry, TWO) == counts
    assert sealed_with(redis_store, ONE) == []

    async with opened(redis_store, TWO) as registry:
        after = await registry.state()
        assert after.records == before.records
        assert after.keys == before.keys == (api_key(),)
        edited = await registry.get(drafts[0].id)
        assert edited.steering == b"vectors"
        versions = [v.filing.subject.name for v in await registry.versions(edited)]
        assert versions == ["Mira Quell", "Mira Hale"]
        assert [note.text for note in await registry.notes(edited.id)] == ["one", "two"]
        for wanted, found in (
            (Filter(subject="mira hale"), drafts[0]),
            (Filter(subject="TOM quell"), drafts[1]),
            (Filter(submission=SUBMITTED), drafts[2]),
            (Filter(Status.LIFTED), drafts[2]),
        ):
            assert [r.id for r in (await registry.list(wanted, 9, None)).items] == [found.id]
        (recipient,) = await registry.recipients.all()
        assert (recipient.id, recipient.secret) == (RECIPIENT.id, RECIPIENT.secret)
        ((delivery, _),) = await registry.deliveries.of(drafts[0].id)
        assert delivery.url == DELIVERY.url
        (trace,) = await registry.traces.page(NOW, datetime.now(UTC) + timedelta(days=1), 9)
        assert trace.content == b"a trace"
        (name,) = redis_store.raw.scan_iter(f"{keys.TRACE}*")
        assert 0 < int(redis_store.raw.ttl(name)) <= 3600
        again, new = await registry.file(draft("Ada Quell", str(SUBMITTED)))
        assert (again.id, new) == (drafts[2].id, False)
        assert (await registry.file(draft("Odo Brandt")))[1]
        kinds = [change.kind for change in await registry.tail(0, 1)]
        assert kinds[-3:] == ["data_key", "data_key", "filed"]
        lines = await registry.audit(0, 100)
        follow(lines, genesis(after.epoch))
    assert lines[: len(audited)] == audited
    begun, ended, _ = map(entry_of, lines[len(audited) :])
    ids = {"from": Cipher(ONE).newest, "to": Cipher(TWO).newest}
    assert (begun.action, begun.details) == ("data_key_rotated", ids)
    assert (ended.action, ended.details["to"]) == ("data_key_resealed", ids["to"])


async def test_hashes_are_found_after_a_second_rotation(redis_store: RedisStore) -> None:
    async with opened(redis_store, ONE) as registry:
        drafts = await fill(registry)
        digest = Cipher(ONE).derive("api-keys"), Cipher(ONE).derive("signing")
    for new, old in ((TWO, ONE), (THREE, TWO)):
        async with opened(redis_store, new, old) as registry:
            await rotated(registry, new)
    cipher = Cipher(THREE)
    registry = RedisRegistry(redis_store.url, cipher)
    await registry.open()
    assert (cipher.derive("api-keys"), cipher.derive("signing")) == digest
    page = await registry.list(Filter(subject="Tom Quell"), 9, None)
    assert [record.id for record in page.items] == [drafts[1].id]
    await registry.close()


class TestWhoLacksAKey:
    async def test_the_old_one_alone_is_told_that_there_is_a_new_one(
        self, redis_store: RedisStore
    ) -> None:
        async with opened(redis_store, TWO, ONE) as registry:
            await fill(registry)
        async with opened(redis_store, THREE, TWO) as registry:
            await rotated(registry, THREE)
        with pytest.raises(WrongDataKey, match=r"was rotated.*the new one as LETHE_DATA_KEY"):
            async with opened(redis_store, TWO):
                pass

    async def test_the_new_one_alone_is_told_that_it_is_not_used_yet(
        self, redis_store: RedisStore
    ) -> None:
        async with opened(redis_store, ONE) as registry:
            await fill(registry)
        with pytest.raises(WrongDataKey, match="LETHE_PREVIOUS_DATA_KEY"):
            async with opened(redis_store, TWO):
                pass

    async def test_the_new_one_alone_does_not_do_before_all_is_sealed_anew(
        self, redis_store: RedisStore
    ) -> None:
        async with opened(redis_store, ONE) as registry:
            await fill(registry)
        async with opened(redis_store, TWO, ONE) as registry:
            await registry.rotation.begin(Cipher(TWO).newest, BY)
        with pytest.raises(WrongDataKey, match="not finished"):
            async with opened(redis_store, TWO):
                pass
        async with opened(redis_store, TWO, ONE) as registry:
            registry.rotation._cipher.learn(THREE)
            with pytest.raises(WrongDataKey, match="not finished"):
                await registry.rotation.begin(Cipher(THREE).newest, BY)

    async def test_who_has_not_heard_of_the_new_key_writes_nothing(
        self, redis_store: RedisStore
    ) -> None:
        async with opened(redis_store, ONE) as old, opened(redis_store, TWO, ONE) as new:
            drafts = await fill(old)
            record = await old.get(drafts[1].id)
            await rotated(new, TWO)
            before = await new.audit(0, 100)
            for change in (
                lambda: old.file(draft("Odo Brandt")),
                lambda: old.amend(record, edit(record, "Odo Brandt")),
                lambda: old.note(record.id, "a note", BY),
                lambda: old.steer(record, b"vectors", BY),
                lambda: old.put_key(api_key("key_2"), BY),
            ):
                with pytest.raises(WrongDataKey):
                    await change()
            assert await new.audit(0, 100) == before
        assert sealed_with(redis_store, ONE) == []


class TestUnderTraffic:
    async def test_who_has_both_keys_writes_with_the_new_one_at_once(
        self, redis_store: RedisStore
    ) -> None:
        async with opened(redis_store, ONE) as registry:
            drafts = await fill(registry)
        async with (
            opened(redis_store, TWO, ONE) as gateway,
            opened(redis_store, TWO, ONE) as command,
        ):
            record = await gateway.get(drafts[1].id)
            await rotated(command, TWO)
            await gateway.file(draft("Odo Brandt"))
            await gateway.note(record.id, "a note", BY)
            await gateway.put_key(api_key("key_2"), BY)
            amended = await gateway.amend(record, edit(record, "Tom Hale"))
            await gateway.steer(amended, b"vectors", BY)
            assert len(await gateway.keys()) == 2
        assert sealed_with(redis_store, ONE) == []

    async def test_an_edit_between_reading_and_sealing_is_not_lost(
        self, redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with opened(redis_store, ONE) as registry:
            drafts = await fill(registry)
        put = RedisRotation._put
        async with (
            opened(redis_store, TWO, ONE) as gateway,
            opened(redis_store, TWO, ONE) as command,
        ):
            edits = [drafts[1].id, drafts[0].id]

            async def late(self: RedisRotation, work: Any) -> set[int]:
                while edits and any(edits[-1] == each.owner for each in work):
                    record = await gateway.get(edits.pop())
                    await gateway.amend(record, edit(record, "Odo Brandt"))
                return await put(self, work)

            monkeypatch.setattr(RedisRotation, "_put", late)
            await rotated(command, TWO)
            assert edits == []
            for name in (drafts[0].id, drafts[1].id):
                record = await gateway.get(name)
                assert record.filing.subject.name == "Odo Brandt"
                assert len(await gateway.versions(record)) == record.version
        assert sealed_with(redis_store, ONE) == []

    async def test_filings_and_edits_go_on(self, redis_store: RedisStore) -> None:
        async with opened(redis_store, ONE) as registry:
            for number in range(60):
                await registry.file(draft(f"Person {number}"))
        acknowledged: list[Record] = []
        async with (
            opened(redis_store, TWO, ONE) as gateway,
            opened(redis_store, TWO, ONE) as command,
        ):
            stop = asyncio.Event()

            async def traffic(worker: int) -> None:
                while not stop.is_set():
                    record, _ = await gateway.file(draft(f"Late {worker} {len(acknowledged)}"))
                    acknowledged.append(await gateway.amend(record, edit(record, "Odo Brandt")))

            async def acknowledges(more: int) -> None:
                enough = len(acknowledged) + more

                async def there() -> bool:
                    return len(acknowledged) >= enough

                await until(there)

            async with asyncio.timeout(60), asyncio.TaskGroup() as working:
                for number in range(4):
                    working.create_task(traffic(number))
                await acknowledges(10)
                await rotated(command, TWO)
                await acknowledges(10)
                stop.set()
        assert sealed_with(redis_store, ONE) == []
        async with opened(redis_store, TWO) as registry:
            held = {record.id: record for record in (await registry.state()).records}
            assert len(held) == 60 + len(acknowledged)
            assert [held[record.id].filed for record in acknowledged] == [
                record.filed for record in acknowledged
            ]


async def test_it_ends_though_filings_never_do(
    redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(redis_store, ONE) as registry:
        await fill(registry)
    renew, filed = RedisRotation._renew, 0

    async def and_files(self: RedisRotation, *arguments: Any) -> None:
        nonlocal filed
        filed += 1
        assert filed < 100
        await running.file(draft(f"Late {filed}"))
        await renew(self, *arguments)

    async with opened(redis_store, TWO, ONE) as running, opened(redis_store, TWO, ONE) as command:
        monkeypatch.setattr(RedisRotation, "_renew", and_files)
        await rotated(command, TWO)
    assert sealed_with(redis_store, ONE) == []


async def test_what_ended_in_the_middle_is_gone_on_with(redis_store: RedisStore) -> None:
    async with opened(redis_store, ONE) as registry:
        for number in range(50):
            await registry.file(draft(f"Person {number}"))
    async with opened(redis_store, TWO, ONE) as registry:
        await registry.rotation.begin(Cipher(TWO).newest, BY)
        async for progress in registry.rotation.reseal():
            if progress.seen >= 20:
                break
    assert 0 < len(sealed_with(redis_store, ONE)) < 150
    async with opened(redis_store, TWO, ONE) as registry:
        assert not (await registry.rotation.standing()).finished
        assert any("rotate-data-key" in text for text in registry.warnings)
        assert await rotated(registry, TWO) == {"requests": 90}
        await registry.open()
        assert not any("rotate-data-key" in text for text in registry.warnings)
        assert (await registry.rotation.standing()).finished
        assert await rotated(registry, TWO) == {}
    assert sealed_with(redis_store, ONE) == []


async def test_two_rotations_at_once(redis_store: RedisStore) -> None:
    async with opened(redis_store, ONE) as registry:
        for number in range(50):
            await registry.file(draft(f"Person {number}"))
    async with opened(redis_store, TWO, ONE) as one, opened(redis_store, TWO, ONE) as other:
        done = await asyncio.gather(rotated(one, TWO), rotated(other, TWO), return_exceptions=True)
    assert [each for each in done if isinstance(each, BaseException)] == []
    assert sealed_with(redis_store, ONE) == []


async def test_gateways_tell_which_keys_they_have(redis_store: RedisStore) -> None:
    async with opened(redis_store, TWO, ONE) as both, opened(redis_store, TWO) as one:
        await both.acknowledge("a", 0)
        await one.acknowledge("b", 0)
        first, second = await both.gateways()
        assert first.data_keys == {Cipher(ONE).newest, Cipher(TWO).newest}
        assert second.data_keys == {Cipher(TWO).newest}
        await both.leave("a")
        assert redis_store.raw.hkeys(keys.GATEWAYS_KEYS) == [b"b"]


async def test_a_damaged_value_ends_a_rotation_which_names_no_text(
    redis_store: RedisStore,
) -> None:
    async with opened(redis_store, ONE) as registry:
        drafts = await fill(registry)
    name = keys.request(drafts[1].id)
    sealed = redis_store.raw.hget(name, "rule")
    assert isinstance(sealed, bytes)
    redis_store.raw.hset(name, "rule", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    async with opened(redis_store, TWO, ONE) as registry:
        with pytest.raises(RegistryError, match="altered"):
            await rotated(registry, TWO)
        assert not (await registry.rotation.standing()).finished
    redis_store.raw.hset(name, "rule", sealed)
    async with opened(redis_store, TWO, ONE) as registry:
        await registry.log(Deed("noted", BY))
        await rotated(registry, TWO)
    assert sealed_with(redis_store, ONE) == []


SEALING = {
    "keyholding.py",  # the keyring's file, written anew
    "registry/cipher.py",
    "registry/codec.py",  # its places are in places.py
    "registry/hooks.py",  # in places.py
    "registry/redis_meta.py",  # the meta data, with which a rotation begins
    "registry/redis_migrate.py",  # the same
    "registry/redis_rotation.py",
    "registry/redis_traces.py",  # in places.py
    "registry/snapshot.py",  # written anew
}


def test_whatever_is_sealed_is_known_to_a_rotation() -> None:
    root = Path(gateway.__file__).parent
    found = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "seal"
    }
    assert found == SEALING, "tell registry/places.py where the sealed values are, then this list"
