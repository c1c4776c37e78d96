"""A stub of vLLM for the session, gateways before it."""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bench.servers import server, url
from gateway.registry.embedded import EmbeddedRedis, embedded_redis
from tests.running import Running

StartGateway = Callable[..., Running]


@pytest.fixture(scope="session")
def stub_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server("gateway.bench.stub", tmp_path_factory.mktemp("stub")) as child:
        yield url(child)


@pytest.fixture(scope="module")
def gateway(stub_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway for all tests of a module that leave it running."""
    running = Running(tmp_path_factory.mktemp("gateway"), stub_url).start()
    yield running
    running.stop()


@pytest.fixture
def start_gateway(stub_url: str, tmp_path: Path) -> Iterator[StartGateway]:
    """Starts gateways on the test's own data folder, and stops them."""
    started: list[Running] = []

    def start(*, ready: bool = True, **settings: str) -> Running:
        running = Running(tmp_path / "data", stub_url, settings)
        started.append(running)
        return running.start(ready=ready)

    yield start
    for running in started:
        running.stop()
    if started:
        asyncio.run(stop_redis(tmp_path / "data"))


async def stop_redis(data: Path) -> None:
    """Stop the embedded Redis that a killed gateway left behind, as the last user does."""
    server = EmbeddedRedis(data)
    await server.start()
    await server.stop()


@pytest_asyncio.fixture
async def redis_url() -> AsyncIterator[str]:
    """A Redis of the test's own, which no gateway starts or stops."""
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        async with embedded_redis(Path(folder)) as location:
            yield location


@pytest.fixture
def data_key() -> str:
    """A data key for gateways before a Redis that is not embedded."""
    return base64.b64encode(os.urandom(32)).decode()
