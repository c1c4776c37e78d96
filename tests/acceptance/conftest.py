"""The whole stack: the session's vLLM on the demo model, a gateway, its Redis.

The gateway stops with these tests: it keeps the engine at its rules, and other tests push theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from tests.running import KEY, Running


@pytest.fixture(scope="package")
def gateway(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("gateway"), engine_url).start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def client(gateway: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.http.base_url}/v1/", api_key=KEY) as client:
        yield client


@pytest.fixture(scope="package")
def direct(engine_url: str) -> Iterator[openai.OpenAI]:
    """The same client without the gateway: what the model says by itself."""
    with openai.OpenAI(base_url=f"{engine_url}/v1/", api_key="none") as client:
        yield client
