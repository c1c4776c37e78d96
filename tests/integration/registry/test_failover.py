"""Redis behind Sentinel and in a Cluster: what was acknowledged is there, whatever fails."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import pytest_asyncio

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry.models import Draft
from gateway.registry.redis_confirm import Unconfirmed
from gateway.registry.redis_store import RedisRegistry
from tests.integration.registry.support import CIPHER, RedisStore, draft, until
from tests.integration.registry.topologies import Cluster, Sentinels, wait_for


class Client:
    """Files one request after the other, each again until it is acknowledged."""

    def __init__(self, registry: RedisRegistry) -> None:
        self.registry = registry
        self.acknowledged: list[str] = []
        self.refused = 0

    async def run(self) -> None:
        while True:
            filed = draft(f"Person {len(self.acknowledged)}", submitted=str(uuid4()))
            self.acknowledged.append(await self.persist(filed))

    async def persist(self, filed: Draft) -> str:
        while True:
            try:
                record, _ = await self.registry.file(filed)
            except RegistryUnavailable:
                self.refused += 1
                await asyncio.sleep(0.02)
            else:
                return record.id

    async def goes_on(self) -> bool:
        """Whether more was acknowledged than when this was asked last."""
        before, self._seen = getattr(self, "_seen", None), len(self.acknowledged)
        return before is not None and self._seen > before


class Follower:
    """Another gateway: tails the ledger and acknowledges it; any error but 503 ends it."""

    def __init__(self, registry: RedisRegistry) -> None:
        self.registry = registry
        self.ids: dict[str, int] = {}
        self.revision = 0

    async def run(self) -> None:
        while True:
            try:
                for change in await self.registry.tail(self.revision, 0.2):
                    assert change.revision == self.revision + 1
                    self.ids[change.id] = self.revision = change.revision
                await self.registry.acknowledge("follower", self.revision)
            except RegistryUnavailable:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def traffic(store: RedisStore) -> AsyncIterator[tuple[Client, Follower]]:
    """Filings and a gateway that follows; at the end, nothing acknowledged may be missing."""
    registries = store.connect(), store.connect()
    for registry in registries:
        await registry.open()
    client, follower = Client(registries[0]), Follower(registries[1])
    tasks = [asyncio.create_task(part.run()) for part in (client, follower)]
    try:
        yield client, follower
        tasks[0].cancel()
        await asyncio.gather(tasks[0], return_exceptions=True)
        known = set(client.acknowledged)
        await until(lambda: _is(lambda: known <= set(follower.ids) or tasks[1].done()))
        assert not tasks[1].done(), tasks[1].exception()
        state = await registries[1].state()
        assert known <= {record.id for record in state.records}
        assert len(set(client.acknowledged)) == len(client.acknowledged)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for registry in registries:
            await registry.close()


async def _is(holds: Callable[[], bool]) -> bool:
    return holds()


@pytest_asyncio.fixture
async def registry(store: RedisStore) -> AsyncIterator[RedisRegistry]:
    registry = store.connect()
    await registry.open()
    yield registry
    await registry.close()


class TestSentinel:
    @pytest.fixture
    def store(self, sentinels: Sentinels, sentinel_store: RedisStore) -> Iterator[RedisStore]:
        yield sentinel_store
        sentinels.heal()

    async def test_a_killed_primary(self, sentinels: Sentinels, store: RedisStore) -> None:
        async with traffic(store) as (client, _):
            await until(client.goes_on)
            killed = sentinels.primary
            killed.kill()
            await until(lambda: _is(lambda: sentinels.primary is not killed))
            await until(client.goes_on)
            assert client.refused

    @pytest.mark.slow
    async def test_an_old_primary_that_wakes_up(
        self, sentinels: Sentinels, store: RedisStore
    ) -> None:
        async with traffic(store) as (client, follower):
            await until(client.goes_on)
            paused = sentinels.primary
            paused.signal(signal.SIGSTOP)
            await until(lambda: _is(lambda: sentinels.primary is not paused))
            await until(client.goes_on)
            paused.signal(signal.SIGCONT)
            revision = follower.revision
            await until(lambda: _is(lambda: follower.revision > revision + 20))
        await asyncio.to_thread(sentinels.heal)
        ends = {n.client.get("{lethe}:revision") for n in sentinels.nodes}
        assert len(ends) == 1

    async def test_what_no_replica_has_is_not_acknowledged(
        self, sentinels: Sentinels, store: RedisStore, registry: RedisRegistry
    ) -> None:
        await registry.file(draft("Tom Hart"))  # so it knows where the audit ends
        filed = draft(submitted=str(uuid4()))
        for node in sentinels.replicas:
            node.signal(signal.SIGSTOP)
        for _ in range(2):  # nor when it is repeated: it is there already, and still nowhere else
            with pytest.raises(Unconfirmed, match="not filed twice") as error:
                await registry.file(filed)
            assert error.value.status == 503
            assert error.value.code == "registry_unconfirmed"
        for node in sentinels.replicas:
            node.signal(signal.SIGCONT)
        record, new = await registry.file(filed)
        assert (record.id, record.revision, new) == (filed.id, 2, False)

    @pytest.mark.slow
    async def test_what_no_replica_has_is_told_to_nobody(
        self, sentinels: Sentinels, store: RedisStore, registry: RedisRegistry
    ) -> None:
        """Or a gateway would have seen a ledger that never existed, and never trust Redis again."""
        follower = store.connect()
        await follower.open()
        await registry.file(draft("Tom Hart"))
        assert len(await follower.tail(0, 1)) == 1
        primary, replicas = sentinels.primary, sentinels.replicas
        for node in replicas:
            # Stopped, they could read what waits in their sockets once they run again.
            node.kill()
        with pytest.raises(RegistryUnavailable):
            await registry.file(draft())
        for reading in (follower.tail(1, 0.2), follower.state()):
            with pytest.raises(RegistryUnavailable):
                await reading
        primary.kill()
        for node in replicas:
            node.start()
        await until(lambda: _is(lambda: sentinels.primary is not primary))

        async def filed() -> bool:
            try:
                return (await registry.file(draft("Ada Quell")))[1]
            except RegistryUnavailable:
                return False

        await until(filed)
        assert [change.revision for change in await follower.tail(1, 1)] == [2]
        assert (await follower.state()).revision == 2
        await follower.close()

    async def test_on_disk_or_not_at_all(self, sentinels: Sentinels, store: RedisStore) -> None:
        registry = RedisRegistry(store.url, CIPHER, replicas=1, fsync=True)
        if sentinels.nodes[0].version < (7, 2):
            with pytest.raises(SettingsError, match=r"7\.2 or newer"):
                await registry.open()
        else:
            await registry.open()
            await registry.file(draft("Tom Hart"))
            for node in sentinels.replicas:
                node.client.config_set("appendonly", "no")
            with pytest.raises(Unconfirmed):
                await registry.file(draft())
            for node in sentinels.replicas:
                node.client.config_set("appendonly", "yes")
        await registry.close()

    async def test_while_there_is_no_primary(
        self, sentinels: Sentinels, store: RedisStore, registry: RedisRegistry
    ) -> None:
        for node in sentinels.nodes:
            node.kill()
        with pytest.raises(RegistryUnavailable, match="stays enforced"):
            await registry.file(draft())
        for node in sentinels.nodes:
            node.start()

    async def test_a_service_that_nobody_watches(self, sentinels: Sentinels) -> None:
        registry = RedisRegistry(sentinels.url.replace("/lethe/", "/lathe/"), CIPHER)
        with pytest.raises(RegistryUnavailable, match="check the service"):
            await registry.open()
        await registry.close()

    async def test_a_sentinel_that_is_gone(self, sentinels: Sentinels, store: RedisStore) -> None:
        sentinels.sentinels[0].signal(signal.SIGSTOP)
        registry = store.connect()
        await registry.open()
        await registry.file(draft())
        await registry.close()
        sentinels.sentinels[0].signal(signal.SIGCONT)

    async def test_without_replicas_asked_for_it_is_told(self, sentinels: Sentinels) -> None:
        registry = RedisRegistry(sentinels.url, CIPHER)
        await registry.open()
        assert any("LETHE_REDIS_REPLICAS=1" in text for text in registry.warnings)
        await registry.close()

    async def test_more_replicas_than_there_are(self, sentinels: Sentinels) -> None:
        registry = RedisRegistry(sentinels.url, CIPHER, replicas=3, timeout_s=0.5)
        with pytest.raises(Unconfirmed, match="2 of 3"):
            await registry.open()
        await registry.close()


class TestCluster:
    @pytest.fixture
    def store(self, cluster: Cluster, cluster_store: RedisStore) -> Iterator[RedisStore]:
        yield cluster_store
        cluster.heal()

    async def test_its_slot_moves(self, cluster: Cluster, store: RedisStore) -> None:
        async with traffic(store) as (client, _):
            for _ in range(2):
                await until(client.goes_on)
                await asyncio.to_thread(cluster.migrate, cluster.other)
                await until(client.goes_on)
            assert not client.refused

    async def test_halfway_nothing_is_half_done(
        self, cluster: Cluster, store: RedisStore, registry: RedisRegistry
    ) -> None:
        """While the keys are on two nodes, a change waits for its turn, or does not happen."""
        first, _ = await registry.file(draft("Tom Hart"))
        loop = asyncio.get_running_loop()

        def file() -> None:
            filing = asyncio.run_coroutine_threadsafe(registry.file(draft()), loop)
            with pytest.raises(RegistryUnavailable, match="moving"):
                filing.result()

        await asyncio.to_thread(cluster.migrate, cluster.other, file)
        state = await registry.state()
        assert (state.revision, [r.id for r in state.records]) == (1, [first.id])
        assert len(await registry.tail(0, 1)) == 1

    @pytest.mark.slow
    async def test_its_node_is_killed(self, cluster: Cluster, store: RedisStore) -> None:
        home = cluster.replicated
        if cluster.primary is not home:
            await asyncio.to_thread(cluster.migrate, home)
        async with traffic(RedisStore(store.url, replicas=1, raw=store.raw)) as (client, _):
            await until(client.goes_on)
            home.kill()
            await asyncio.to_thread(wait_for, lambda: cluster.primary is not home)
            # It has to come back: nothing is acknowledged while the new primary has no replica.
            home.start()
            await until(client.goes_on)
            assert client.refused


@pytest.mark.parametrize(
    "url",
    [
        "redis+cluster://127.0.0.1:1/3",
        "redis+sentinel://127.0.0.1:1",
        "redis+sentinel://:secret@/lethe",
        "redis+sentinel://127.0.0.1:1/lethe/secret",
        "redis+sentinel://127.0.0.1:secret/lethe",
    ],
)
def test_an_address_of_no_topology(url: str) -> None:
    with pytest.raises(SettingsError, match="LETHE_REDIS_URL") as error:
        RedisRegistry(url, CIPHER)
    assert "secret" not in str(error.value)


async def test_a_task_that_is_told_to_stop_stops(redis_store: RedisStore) -> None:
    """A time-out of the socket let redis-py swallow a cancellation now and then."""
    registry = redis_store.connect()
    await registry.open()

    async def go_on() -> None:
        while True:
            await registry.gateways()

    for _ in range(40):
        tasks = [asyncio.create_task(go_on()) for _ in range(10)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        _, running = await asyncio.wait(tasks, timeout=30)
        assert not running
    await registry.close()
