"""A registry in real Redis, a receiver, and dispatchers that do not dawdle."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.registry.embedded import embedded_redis
from gateway.registry.redis_store import RedisRegistry
from gateway.signing import Signer
from gateway.webhooks import dispatcher, retrying
from gateway.webhooks.addresses import Reach
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.posting import Post
from gateway.webhooks.sending import Sender
from tests.integration.registry.support import CIPHER, RedisStore
from tests.integration.webhooks.receiving import Receiver

SIGNER = Signer(CIPHER.derive("signing"))
HERE = Reach(loopback=True)


@asynccontextmanager
async def dispatching(
    registry: RedisRegistry,
    *,
    reach: Reach = HERE,
    timeout_s: float = 1.0,
    counted: list[str] | None = None,
    name: str = "one",
) -> AsyncIterator[Dispatcher]:
    async with Sender(reach, timeout_s) as sender:
        post = Post(registry, sender, SIGNER.sign)
        results = [] if counted is None else counted
        async with Dispatcher(
            registry, post, gateway_id=name, following=lambda: True, counted=results.append
        ) as running:
            yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_url() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        async with embedded_redis(Path(folder)) as url:
            yield url


@pytest.fixture
def store(redis_url: str) -> Iterator[RedisStore]:
    store = RedisStore(redis_url)
    store.raw.flushall()
    yield store
    store.raw.close()


@pytest_asyncio.fixture
async def registry(store: RedisStore) -> AsyncIterator[RedisRegistry]:
    registry = store.connect()
    await registry.open()
    yield registry
    await registry.close()


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().listening() as listening:
        yield listening


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other in a moment."""
    monkeypatch.setattr(retrying, "DELAYS_S", (0.05, 0.05, 0.05))
    monkeypatch.setattr(dispatcher, "_LOOK_S", 0.05)
