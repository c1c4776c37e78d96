"""Whatever is killed when: nothing is lost, nothing is made up, the order holds."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from aiohttp import web

from gateway.registry import keys, places
from gateway.registry.hooks import EVENTS
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from gateway.webhooks.making import Maker
from tests.integration.registry import support
from tests.integration.registry.support import (
    CIPHER,
    RedisStore,
    draft,
    move,
    redis_server,
)
from tests.integration.webhooks.conftest import dispatching
from tests.integration.webhooks.receiving import Received, Receiver, until

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")


async def child(url: str, number: int) -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.webhooks.child", url, f"child-{number}",
        stdout=PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def live(registry: RedisRegistry, *urls: str) -> str:
    """File a request and move it about."""
    record, _ = await registry.file(draft(status_callback_urls=list(urls)))
    for to in (Status.PAUSED, Status.IN_PROGRESS, Status.LIFTED):
        await asyncio.sleep(0.02)
        await move(registry, record.id, to)
    return record.id


async def test_dispatchers_are_killed_and_everybody_is_told_everything_in_order(
    registry: RedisRegistry, store: RedisStore, receiver: Receiver
) -> None:
    chance = random.Random(7)

    async def moody(received: Received) -> web.StreamResponse:
        await asyncio.sleep(chance.random() * 0.05)
        return web.Response(status=500 if chance.random() < 0.1 else 200)

    receiver.answer = moody
    ids: list[str] = []

    async def work() -> None:
        for number in range(25):
            ids.append(await live(registry, f"{receiver.url}/a{number}", f"{receiver.url}/b"))

    working = asyncio.create_task(work())
    running = [await child(store.url, number) for number in range(2)]
    try:
        for number in range(2, 7):
            await asyncio.sleep(chance.random() * 0.5)
            doomed = running.pop(chance.randrange(2))
            doomed.kill()
            await doomed.wait()
            running.append(await child(store.url, number))
        await working
        expected = 0
        for request_id in ids:
            events = await registry.events(request_id)
            expected += 2 * sum(event.action in EVENTS for event in events)
        await until(lambda: len({each.id for each in receiver.got}) >= expected, 60.0)

        async def nothing_waits() -> bool:
            return (await registry.deliveries.due())[0] == 0

        await support.until(nothing_waits, 30.0)
    finally:
        working.cancel()
        for process in running:
            process.kill()
            await process.wait()
    assert len({each.id for each in receiver.got}) == expected
    for number, request_id in enumerate(ids):
        happened = [e.number for e in await registry.events(request_id) if e.action in EVENTS]
        for path in (f"/a{number}", "/b"):
            told: dict[str, int] = {}  # as each came first
            for each in receiver.got:
                if each.path == path and each.told["request_id"] == request_id:
                    assert told.setdefault(each.id, each.told["sequence"]) == each.told["sequence"]
            assert list(told.values()) == happened
        states = {d.state for d, _ in await registry.deliveries.of(request_id)}
        assert states == {"delivered"}


@contextmanager
def own_redis() -> Iterator[tuple[Path, ExitStack]]:
    with tempfile.TemporaryDirectory(prefix="lethe-") as name, ExitStack() as stack:
        yield Path(name), stack


async def test_redis_dies_while_something_is_delivered(receiver: Receiver) -> None:
    with own_redis() as (folder, stack):
        process = stack.enter_context(redis_server(folder, *DURABLE))
        registry = RedisRegistry(f"unix://{folder}/redis.sock", CIPHER, timeout_s=1.0)
        await registry.open()
        counted: list[str] = []

        async def dies(received: Received) -> web.StreamResponse:
            if len(receiver.got) == 1:
                process.kill()
                process.wait()
            return web.Response()

        receiver.answer = dies
        async with dispatching(registry, timeout_s=0.3, counted=counted):
            record, _ = await registry.file(draft(status_callback_urls=[receiver.url]))
            await until(lambda: process.poll() is not None)
            await asyncio.sleep(0.5)
            assert counted == []
            stack.enter_context(redis_server(folder, *DURABLE))
            await until(lambda: counted == ["delivered"])
        assert len({each.id for each in receiver.got}) == 1
        assert len(receiver.got) >= 2
        ((delivery, _),) = await registry.deliveries.of(record.id)
        assert delivery.state == "delivered"
        await registry.close()


async def test_two_dispatchers_send_each_webhook_once(
    registry: RedisRegistry, store: RedisStore, receiver: Receiver
) -> None:
    other = store.connect()
    await other.open()
    async with dispatching(registry, name="one"), dispatching(other, name="two") as second:
        for _ in range(30):
            await live(registry, receiver.url)
        await until(lambda: len(receiver.got) >= 120)
        await asyncio.sleep(0.2)
        assert second.waiting == 0
    assert len(receiver.got) == len({each.id for each in receiver.got}) == 120
    await other.close()


async def test_an_entry_is_made_into_deliveries_once_whoever_is_at_it(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    await live(registry, receiver.url)
    await asyncio.gather(*(Maker(registry).make(1.0) for _ in range(2)))
    waiting, targets = await registry.deliveries.due()
    assert (waiting, len(targets)) == (4, 1)


@pytest.mark.parametrize("damage", ["altered", "gone", "of another version"])
async def test_a_record_that_cannot_be_read_holds_no_other_up(
    registry: RedisRegistry,
    store: RedisStore,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    first = await live(registry, f"{receiver.url}/a")
    damaged = await live(registry, f"{receiver.url}/b")
    client: Any = redis.Redis.from_url(store.url)
    place = keys.request(damaged)
    if damage == "gone":
        await client.delete(place)
    elif damage == "altered":
        sealed = await client.hget(place, "filing")
        await client.hset(place, "filing", sealed[:-1] + bytes([sealed[-1] ^ 1]))
    else:
        sealed = CIPHER.seal(b'{"unheard_of": "Mira Quell"}', places.filing_at(damaged, 1))
        await client.hset(place, "filing", sealed)
    await client.aclose()
    last = await live(registry, f"{receiver.url}/a")
    async with dispatching(registry):
        await until(lambda: len(receiver.got) >= 8)
    assert {each.told["request_id"] for each in receiver.got} == {first, last}
    assert damaged in caplog.text
    assert "Quell" not in caplog.text
