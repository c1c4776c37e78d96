"""A registry in real Redis, a receiver, and dispatchers that do not dawdle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from gateway.registry.redis_store import RedisRegistry
from gateway.signing import Signer
from gateway.webhooks import dispatcher, retrying
from gateway.webhooks.addresses import Reach
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.posting import Post
from gateway.webhooks.sending import Sender
from tests.integration.registry.conftest import (  # noqa: F401  # fixtures
    cluster,
    cluster_store,
    redis_store,
    redis_url,
    sentinel_store,
    sentinels,
)
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


_SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("sentinel", "cluster")]


@pytest.fixture(params=["redis", *_SLOW])
def store(request: pytest.FixtureRequest) -> RedisStore:
    found: RedisStore = request.getfixturevalue(f"{request.param}_store")
    return found


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
