"""More than can be answered: what is bounded, and what a client is told."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import orjson

from gateway.bench.stub import Stub
from gateway.openai.admission import Admission
from tests.integration.openai.conftest import Start, eventually

CHAT = "/v1/chat/completions"
HELLO = {"model": "stub", "messages": [{"role": "user", "content": "hello"}]}
ENDLESS = 200_000


async def test_too_many_requests_are_told_to_come_back(start: Start) -> None:
    rejected: list[int] = []
    admission = Admission(1, 1, rejected=lambda: rejected.append(1))
    gateway = await start([Stub(mode="slow", delay_s=0.05, chunks=8)], admission=admission)
    streamed = asyncio.create_task(gateway.session.post(gateway.url + CHAT, json=stream()))
    await eventually(lambda: admission.in_flight == 1)
    waiting = asyncio.create_task(gateway.post(CHAT, HELLO))
    await eventually(lambda: admission.waiting == 1)
    async with gateway.session.post(gateway.url + CHAT, json=HELLO) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
        assert (await answer.json())["error"]["type"] == "rate_limit_error"
    async with await streamed as first:  # a stream has its turn until it ends
        assert not waiting.done()
        assert (await first.text()).endswith("data: [DONE]\n\n")
    assert (await waiting)[0] == 200
    assert rejected == [1]
    await eventually(lambda: admission.in_flight == 0)
    assert gateway.counted == ["allowed", "allowed"]


async def test_a_client_that_does_not_read_stops_the_engine(start: Start) -> None:
    stub = Stub(chunks=ENDLESS)
    gateway = await start([stub])
    target = urlsplit(gateway.url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port, limit=1024)
    body = orjson.dumps(stream())
    head = f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    seen = -1
    while stub.sent > seen:  # until everything between the two ends is full
        seen = stub.sent
        await asyncio.sleep(0.5)
    assert 0 < stub.sent < ENDLESS * 3 / 4
    writer.close()
    await eventually(lambda: gateway.counted == ["aborted"])
    assert gateway.pool.endpoints[0].outstanding == 0


def stream() -> dict[str, object]:
    return {**HELLO, "stream": True}
