"""The whole stack, once per session: real vLLM on the demo model, a gateway, its Redis."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from demo.stack import running_engine
from tests.running import KEY, Running


@pytest.fixture(scope="session")
def engine_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_engine(tmp_path_factory.mktemp("engine") / "engine.log") as url:
        yield url


@pytest.fixture(scope="session")
def gateway(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("gateway"), engine_url).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def client(gateway: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.http.base_url}/v1/", api_key=KEY) as client:
        yield client


@pytest.fixture(scope="session")
def direct(engine_url: str) -> Iterator[openai.OpenAI]:
    """The same client without the gateway: what the model says by itself."""
    with openai.OpenAI(base_url=f"{engine_url}/v1/", api_key="none") as client:
        yield client
