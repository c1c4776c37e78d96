"""A receiver of webhooks on loopback that answers as a test wants, and notes what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Answer = Callable[["Received"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    request: web.Request = field(repr=False)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        content: dict[str, Any] = orjson.loads(self.body)
        return content


async def well(received: Received) -> web.StreamResponse:
    return web.Response(status=204)


def status(number: int) -> Answer:
    async def answer(received: Received) -> web.StreamResponse:
        return web.Response(status=number)

    return answer


@dataclass(slots=True)
class Receiver:
    """`answer` says what comes back; `port` 0 means any."""

    answer: Answer = well
    port: int = 0
    got: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self, path: str = "/") -> list[str]:
        return [each.told["event"] for each in self.got if each.path == path]

    async def take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(request.path, headers, await request.read(), request)
        self.got.append(received)
        return await self.answer(received)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Receiver]:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self.take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


async def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds; fails when that takes too long."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # several processes are waited for
            await asyncio.sleep(0.02)
