"""Several gateways change the same few requests at once: told is what happened, and all of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from gateway.errors import Conflict
from gateway.registry import keys
from gateway.registry.amendment import Amendment
from gateway.registry.audit import entry_of, follow, genesis
from gateway.registry.models import Record
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import ACTING, MOVES, UNANSWERED, WAITING, Status
from tests.integration.registry.support import BY, RedisStore, draft, filing, move

TO_ACKNOWLEDGE = ACTING & UNANSWERED
REQUESTS, CHANGES = 8, 80


@pytest_asyncio.fixture
async def both(redis_store: RedisStore) -> AsyncIterator[tuple[RedisRegistry, RedisRegistry]]:
    registries = redis_store.connect(), redis_store.connect()
    yield registries
    for each in registries:
        await each.close()


async def test_what_was_settled_otherwise_meanwhile_is_no_entry_of_the_audit(
    both: tuple[RedisRegistry, RedisRegistry],
) -> None:
    """A gateway that took it for one refused every change after that: the audit seemed cut."""
    registry, _ = both
    record, _ = await registry.file(draft())
    await registry._replicas._complete([record.id.encode()], "a")  # which nobody has acknowledged
    await registry.note(record.id, "A note.", BY)
    lines = await registry.audit(0, 10)
    assert [entry_of(line).action for line in lines] == ["filed", "noted"]


async def changes(
    registry: RedisRegistry, name: str, ids: list[str], chance: random.Random
) -> None:
    for _ in range(CHANGES):
        request_id, what = chance.choice(ids), chance.random()
        try:
            record = await registry.get(request_id)
            if what < 0.4:
                await move(registry, request_id, chance.choice(list(MOVES)))
            elif what < 0.6:
                new = filing(f"Person {chance.random()}")
                edit = Amendment("amended", BY, record.decided, filing=new, rule=b"another")
                await registry.amend(record, edit)
            elif what < 0.7:
                await registry.steer(record, b"vectors", BY)
            else:
                _, revision, _ = await registry._ledger.read()
                await registry.acknowledge(name, revision - chance.randrange(2))
        except Conflict:
            pass


def told(events: Any) -> str | None:
    """Where the audit says that a request stands; each entry has to follow from the one before."""
    status = None
    for entry in events:
        if entry.action == "completed":
            assert status in TO_ACKNOWLEDGE
            status = "completed"
        elif entry.action != "steered":
            assert entry.details.get("from") == status
            status = entry.details["status" if entry.action == "filed" else "to"]
    return status


@pytest.mark.parametrize("seed", range(3))
async def test_everything_that_is_kept_says_the_same(
    both: tuple[RedisRegistry, RedisRegistry], redis_store: RedisStore, seed: int
) -> None:
    chance = random.Random(seed)  # no secret
    first, second = both
    ids = []
    for number in range(REQUESTS):
        begins = chance.choice([Status.IN_PROGRESS, *WAITING])
        made = replace(draft(f"Person {number}"), status=begins, provisional=bool(number % 2))
        ids.append((await first.file(made))[0].id)
    await asyncio.gather(
        *(
            changes(registry, name, ids, random.Random(seed * 9 + number))
            for number, (registry, name) in enumerate(((first, "a"), (second, "b")) * 2)
        )
    )
    raw: Any = redis_store.raw
    records = [await first.get(request_id) for request_id in ids]
    for record in records:
        assert told(await first.events(record.id)) == record.status
        versions = [each.version for each in await first.versions(record)]
        assert versions == list(range(1, record.version + 1))
        check_indexes(raw, record)
    for registry in both:
        enforced = {record.id for record in (await registry.state()).records}
        assert enforced == {record.id for record in records if record.enforced}
    lines = await second.audit(0, 10_000)
    _, head = await second.audit_head()
    assert follow(lines, genesis(await second.open())) == head


def check_indexes(raw: Any, record: Record) -> None:
    opened = raw.zscore(keys.OPEN, record.id)
    assert opened == (record.revision if record.status in TO_ACKNOWLEDGE else None)
    assert (raw.zscore(keys.due(), record.id) is not None) == (record.status in UNANSWERED)
    for status in Status:
        for index in (keys.index(status), keys.index(status, "gdpr")):
            assert (raw.zscore(index, record.id) is not None) == (status is record.status)
