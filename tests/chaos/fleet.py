"""Gateways that share one Redis, before an engine that would tell everything."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bench.servers import server, url
from gateway.processes import Child
from tests.chaos.store import Store
from tests.running import Running

BRISK = {"redis_timeout_s": "0.3", "lease_s": "1.6", "lag_limit_s": "4"}
"""Settings that notice a failure soon, for what need not last."""


@dataclass
class Fleet:
    """What runs: each may be killed and started again while the others go on."""

    store: Store
    upstream: Child
    gateways: list[Running]

    @property
    def urls(self) -> list[str]:
        """Where the gateways listen."""
        return [str(gateway.http.base_url).rstrip("/") for gateway in self.gateways]


@contextmanager
def running(
    folder: Path,
    count: int,
    settings: Mapping[str, str] | None = None,
    *,
    redis_urls: Mapping[int, str] | None = None,
    store: Store | None = None,
    upstream: tuple[Child, str] | None = None,
) -> Iterator[Fleet]:
    """A fleet of `count` ready gateways, each with a data folder of its own.

    `redis_urls` are those of gateways that reach Redis another way; `store` and `upstream` run
    already where they are given, and stay the caller's.
    """
    with ExitStack() as stack:
        if store is None:
            store = stack.enter_context(Store(folder / "redis"))
        if upstream is None:
            child = stack.enter_context(server("tests.chaos.telling", folder))
            upstream = child, url(child)
        key = base64.b64encode(os.urandom(32)).decode()
        gateways = []
        for number in range(count):
            redis_url = (redis_urls or {}).get(number, store.url)
            own = {"redis_url": redis_url, "data_key": key, **(settings or {})}
            gateway = Running(folder / f"gateway-{number}", upstream[1], own)
            stack.callback(gateway.stop)
            gateways.append(gateway)
        gateways[0].start()  # which exports the encoder, where nobody has yet
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Running.start, gateways[1:]))
        yield Fleet(store, upstream[0], gateways)


@asynccontextmanager
async def beside(fleet: AbstractContextManager[Fleet]) -> AsyncIterator[Fleet]:
    """A fleet that is started and stopped while this event loop goes on."""
    running = await asyncio.to_thread(fleet.__enter__)
    try:
        yield running
    finally:
        await asyncio.to_thread(fleet.__exit__, None, None, None)
