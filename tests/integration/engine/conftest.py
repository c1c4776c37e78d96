"""The session's vLLM, spoken to without a gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.engine.speaking import Engine


@pytest.fixture(scope="session")
def engine(engine_url: str) -> Iterator[Engine]:
    with Engine(engine_url) as speaking:
        yield speaking
