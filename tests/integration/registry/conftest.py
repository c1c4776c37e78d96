from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.registry.embedded import embedded_redis
from gateway.registry.store import Registry
from tests.integration.registry.support import MemoryStore, RedisStore, Store
from tests.integration.registry.topologies import (
    Cluster,
    Sentinels,
    running_cluster,
    running_sentinels,
)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a unix socket, unlike many of pytest's."""
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        yield Path(folder)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_url() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        async with embedded_redis(Path(folder)) as url:
            yield url


@pytest.fixture
def redis_store(redis_url: str) -> Iterator[RedisStore]:
    store = RedisStore(redis_url)
    store.raw.flushall()
    yield store
    store.raw.close()


@pytest.fixture(scope="session")
def sentinels() -> Iterator[Sentinels]:
    with (
        tempfile.TemporaryDirectory(prefix="lethe-") as folder,
        running_sentinels(Path(folder)) as started,
    ):
        yield started


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with (
        tempfile.TemporaryDirectory(prefix="lethe-") as folder,
        running_cluster(Path(folder)) as started,
    ):
        yield started


@pytest.fixture
def sentinel_store(sentinels: Sentinels) -> RedisStore:
    sentinels.primary.client.flushall()
    return RedisStore(sentinels.url, sentinels.primary.client, replicas=1)


@pytest.fixture
def cluster_store(cluster: Cluster) -> RedisStore:
    cluster.primary.client.flushall()
    return RedisStore(cluster.url, cluster.primary.client)


_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("sentinel", "cluster")]


@pytest.fixture(params=["memory", "redis", *_SLOW])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    found: RedisStore = request.getfixturevalue(f"{request.param}_store")
    return found


@pytest_asyncio.fixture
async def registry(store: Store) -> AsyncIterator[Registry]:
    registry = store.connect()
    await registry.open()
    yield registry
    await registry.close()
