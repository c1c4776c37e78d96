"""Outcomes and traces in a real Redis, and in its twin: kept, bounded, gone in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from gateway.audit.hours import close_hours, hour_view
from gateway.audit.outcomes import Outcomes
from gateway.registry import keys, redis_outcomes, redis_traces
from gateway.registry.audit import entry_of
from gateway.registry.errors import LedgerBroken, Unreadable
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.store import Registry
from tests.integration.registry.support import RedisStore
from tests.integration.registry.test_redis import everything
from tests.integration.registry.test_redis import registry as redis_registry

__all__ = ["redis_registry"]

DAY = 86_400
EVER, NEVER = datetime.fromtimestamp(0, UTC), datetime(9999, 1, 1, tzinfo=UTC)


async def the_hour(registry: Registry) -> int:
    (hour,) = await registry.outcomes.hours(0, 2**40, 10)
    return hour


class TestOutcomes:
    async def test_counts_add_up(self, registry: Registry) -> None:
        await registry.outcomes.add("a", 1, {("*", "enforced"): 2, ("fr_1", "enforced"): 1}, DAY)
        await registry.outcomes.add("b", 1, {("*", "enforced"): 3}, DAY)
        await registry.outcomes.add("a", 2, {("fr_1", "aborted"): 1}, DAY)
        hour = await the_hour(registry)
        assert hour % 3_600 == 0
        assert await registry.outcomes.table(hour) == {
            ("*", "enforced"): 5,
            ("fr_1", "enforced"): 1,
            ("fr_1", "aborted"): 1,
        }
        assert await registry.outcomes.table(hour - 3_600) == {}

    async def test_what_comes_again_is_not_counted_again(self, registry: Registry) -> None:
        for number in (1, 1, 2, 1, 2):
            await registry.outcomes.add("a", number, {("*", "enforced"): 1}, DAY)
        assert await registry.outcomes.table(await the_hour(registry)) == {("*", "enforced"): 2}

    async def test_many_forget_requests_at_once(self, registry: Registry) -> None:
        counts = {(f"fr_{i}", "enforced"): i for i in range(1, 2_500)}
        await registry.outcomes.add("a", 1, counts, DAY)
        await registry.outcomes.add("a", 1, counts, DAY)
        assert await registry.outcomes.table(await the_hour(registry)) == counts

    async def test_nothing_is_added_to_a_frozen_hour(self, registry: Registry) -> None:
        await registry.outcomes.add("a", 1, {("*", "enforced"): 1}, DAY)
        hour = await the_hour(registry)
        assert await registry.outcomes.freeze(hour) == {("*", "enforced"): 1}
        await registry.outcomes.add("a", 2, {("*", "enforced"): 1}, DAY)
        assert await registry.outcomes.table(hour) == {("*", "enforced"): 1}
        assert await registry.outcomes.table(hour + 3_600) == {("*", "enforced"): 1}

    async def test_freezing_what_there_is_not(self, registry: Registry) -> None:
        assert await registry.outcomes.freeze(0) == {}
        assert await registry.outcomes.hours(0, 2**40, 10) == []


class TestInRedis:
    async def test_a_table_expires_and_counts_are_no_requests(
        self, redis_registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await redis_registry.outcomes.add("a", 1, {("*", "enforced"): 1}, DAY)
        hour = await the_hour(redis_registry)
        ttl = redis_store.raw.ttl(f"{keys.OUTCOMES}{hour}")
        assert isinstance(ttl, int)
        assert DAY - 3_700 <= ttl <= DAY
        mortal = {n for n in redis_store.raw.scan_iter() if redis_store.raw.ttl(n) != -1}
        assert all(n.startswith((keys.OUTCOMES.encode(), b"{lethe}:outcomes-seen")) for n in mortal)

    async def test_an_hour_is_closed_in_the_audit(
        self,
        redis_registry: RedisRegistry,
        redis_store: RedisStore,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(redis_outcomes, "_GRACE_S", -3_700)
        await redis_registry.outcomes.add("a", 1, {("fr_1", "enforced"): 4}, DAY)
        hour = await the_hour(redis_registry)
        assert await close_hours(redis_registry, "gateway:a") == 1
        assert await close_hours(redis_registry, "gateway:b") == 0
        (line,) = await redis_registry.audit(0, 10)
        assert entry_of(line).details["rows"] == 1
        assert (await hour_view(redis_registry, hour, None))["intact"] is True
        redis_store.raw.hincrby(f"{keys.OUTCOMES}{hour}", "fr_1 enforced", -4)
        assert (await hour_view(redis_registry, hour, None))["intact"] is False

    async def test_a_gateway_of_another_ledger_adds_nothing(
        self, redis_registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        redis_store.replace()
        with pytest.raises(LedgerBroken):
            await redis_registry.outcomes.add("a", 1, {("*", "enforced"): 1}, DAY)
        with pytest.raises(LedgerBroken):
            await redis_registry.traces.keep(b"{}", DAY)
        assert not redis_store.raw.exists(keys.OUTCOME_HOURS, keys.TRACES)

    async def test_many_gateways_at_once(self, redis_store: RedisStore) -> None:
        registries = [redis_store.connect() for _ in range(4)]
        counted = [Outcomes(each.outcomes, 400) for each in registries]

        async def work(outcomes: Outcomes) -> None:
            for _ in range(25):
                outcomes.add("enforced", {"fr_1": "enforced"})
                await outcomes.flush()

        await asyncio.gather(*map(work, counted))
        tables = [
            await registries[0].outcomes.table(hour)
            for hour in await registries[0].outcomes.hours(0, 2**40, 10)
        ]
        assert sum(table["fr_1", "enforced"] for table in tables) == 100
        for each in registries:
            await each.close()


class TestTraces:
    async def test_oldest_first_and_in_a_span_of_time(self, registry: Registry) -> None:
        for content in (b'{"n": 1}', b'{"n": 2}', b'{"n": 3}'):
            await registry.traces.keep(content, DAY)
            await asyncio.sleep(0.002)
        found = await registry.traces.page(EVER, NEVER, 10)
        assert [trace.content for trace in found] == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']
        assert [t.id for t in await registry.traces.page(EVER, NEVER, 2)] == [
            t.id for t in found[:2]
        ]
        later = await registry.traces.page(found[1].time, NEVER, 10)
        assert [t.id for t in later] == [t.id for t in found[1:]]
        assert list(await registry.traces.page(EVER, found[0].time, 10)) == []

    async def test_one_that_has_expired_is_gone(
        self, redis_registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await redis_registry.traces.keep(b"{}", 1)
        (trace,) = await redis_registry.traces.page(EVER, NEVER, 10)
        assert redis_store.raw.ttl(keys.TRACE + trace.id) in {0, 1}
        await asyncio.sleep(1.2)
        assert list(await redis_registry.traces.page(EVER, NEVER, 10)) == []

    async def test_they_are_sealed_each_for_its_place(
        self, redis_registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await redis_registry.traces.keep(b'{"said": "Where was Zebulon Quirke born?"}', DAY)
        await redis_registry.traces.keep(b"{}", DAY)
        assert b"Quirke" not in everything(redis_store)
        one, two = await redis_registry.traces.page(EVER, NEVER, 10)
        redis_store.raw.copy(keys.TRACE + one.id, keys.TRACE + two.id, replace=True)
        with pytest.raises(Unreadable):
            await redis_registry.traces.page(EVER, NEVER, 10)
        assert "Quirke" not in repr(one)

    async def test_only_so_many_are_kept(
        self,
        redis_registry: RedisRegistry,
        redis_store: RedisStore,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(redis_traces, "MOST", 3)
        for number in range(6):
            await redis_registry.traces.keep(b'{"n": %d}' % number, DAY)
        found = await redis_registry.traces.page(EVER, NEVER, 10)
        assert [trace.content for trace in found] == [b'{"n": 3}', b'{"n": 4}', b'{"n": 5}']
        assert len(list(redis_store.raw.scan_iter(f"{keys.TRACE}*"))) == 3
