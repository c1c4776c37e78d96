"""All engines behind one gateway: each kept at the revision, vectors captured through them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

import aiohttp

from gateway.enforcement import Enforcer
from gateway.engines.captures import Captures
from gateway.engines.engine import Engine
from gateway.engines.keeper import Keeper
from gateway.engines.link import EngineLink
from gateway.engines.steering import Steering
from gateway.upstream import Endpoint
from gateway.upstream.session import bounded_session

_CONNECTIONS = 3
"""To each engine: a look at it must not wait behind a push, nor a push behind a capture."""


class Engines:
    """One keeper for each endpoint, and where vectors are made one capturer too.

    An async context manager; `all` are the engines, in the order of the endpoints.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        enforcer: Enforcer,
        *,
        api_key: str | None,
        steering: Steering | None,
    ) -> None:
        self._endpoints = endpoints
        self._enforcer = enforcer
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._steering = steering
        self._session: aiohttp.ClientSession
        self._tasks: list[asyncio.Task[None]] = []
        self.all: tuple[Engine, ...] = ()

    async def __aenter__(self) -> Self:
        """Begin to look after the engines; none needs to be up yet."""
        connections = max(1, _CONNECTIONS * len(self._endpoints))
        self._session = bounded_session(connections, aiohttp.ClientTimeout())
        self.all = tuple(
            Engine(endpoint, EngineLink(self._session, endpoint, self._headers))
            for endpoint in self._endpoints
        )
        for engine in self.all:
            self._tasks.append(asyncio.create_task(Keeper(engine, self._enforcer).run()))
            if self._steering is not None:
                captures = Captures(engine, self._enforcer, self._steering)
                self._tasks.append(asyncio.create_task(captures.run()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
