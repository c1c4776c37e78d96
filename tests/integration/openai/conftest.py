"""The gateway's OpenAI surface before stub engines, over real sockets on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI
from openai import AsyncOpenAI

from gateway.bench.stub import Stub, server
from gateway.errors import NotReady
from gateway.openai.admission import Admission
from gateway.openai.routes import Deps, openai_router
from gateway.upstream import UpstreamPool
from guards import Conversation, Verdict

SECRET = "Mira Quell"


@asynccontextmanager
async def serving(app: Any, running: list[uvicorn.Server] | None = None) -> AsyncIterator[str]:
    """Serve an ASGI application in a task; gives its base URL."""
    one = server(app)
    if running is not None:
        running.append(one)
    task = asyncio.create_task(one.serve())
    while not one.started:  # noqa: ASYNC110  # uvicorn tells it by a flag only
        await asyncio.sleep(0.005)
    bound = one.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{bound}"
    finally:
        end([one])
        await task


def end(running: list[uvicorn.Server]) -> None:
    for one in running:
        one.should_exit = one.force_exit = True


async def screen(conversation: Conversation) -> Verdict:
    text = " ".join(message.text for message in conversation.messages)
    if "not ready" in text:
        raise NotReady("Enforcement is not assured.")
    if "crash" in text:
        raise ValueError(text)
    if "perhaps" in text:
        return Verdict("suppress", 1)
    return Verdict("refuse" if SECRET in text else "allow", 1)


@dataclass
class Gateway:
    """A running gateway, its engines, and what it counted."""

    url: str
    pool: UpstreamPool
    stubs: list[Stub]
    counted: list[str]
    session: aiohttp.ClientSession
    client: AsyncOpenAI = field(init=False)

    def __post_init__(self) -> None:
        self.client = AsyncOpenAI(
            base_url=f"{self.url}/v1", api_key="client key", max_retries=0, timeout=20
        )

    @property
    def stub(self) -> Stub:
        return self.stubs[0]

    async def post(self, path: str, body: Any, **options: Any) -> tuple[int, Any]:
        async with self.session.post(self.url + path, json=body, **options) as response:
            return response.status, await response.json()


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts gateways; they end with the test."""
    running: list[uvicorn.Server] = []
    async with AsyncExitStack() as stack:

        async def start_one(
            stubs: list[Stub] | None = None,
            urls: tuple[str, ...] = (),
            timeout_s: float = 10.0,
            check_s: float = 1.0,
            **deps: Any,
        ) -> Gateway:
            stubs = [Stub(chunks=8)] if stubs is None else stubs
            up = [await stack.enter_async_context(serving(stub, running)) for stub in stubs]
            pool = await stack.enter_async_context(
                UpstreamPool(
                    (*urls, *up), api_key="upstream key", timeout_s=timeout_s, check_s=check_s
                )
            )
            counted: list[str] = []
            plain = Deps(
                screen=screen,
                pool=pool,
                wording_key=b"wording key",
                salt_key=b"salt key",
                count=lambda outcome, touched: counted.append(outcome),
                layers=("screen",),
                max_body=10_000,
                admission=Admission(100, 100),
            )
            app = FastAPI()
            app.include_router(openai_router(replace(plain, **deps)))
            url = await stack.enter_async_context(serving(app, running))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            gateway = Gateway(url, pool, stubs, counted, session)
            stack.push_async_callback(gateway.client.close)
            return gateway

        yield start_one
        end(running)  # side by side: each takes a moment to notice


@pytest.fixture
async def gateway(start: Start) -> Gateway:
    return await start()


async def eventually(holds: Callable[[], bool], timeout_s: float = 60.0) -> None:
    """Wait until something holds; fail when it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110  # any condition may be asked for
            await asyncio.sleep(0.01)
