"""Whatever goes wrong, a client sees an error in OpenAI's shape and no inner workings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from openai import APIError

from gateway.bench.stub import Stub
from tests.integration.openai.conftest import SECRET, Gateway, Start, eventually, serving

CHAT = "/v1/chat/completions"
HELLO = {"model": "stub", "messages": [{"role": "user", "content": "hello"}]}
ASK = {"model": "stub", "messages": [{"role": "user", "content": f"Who is {SECRET}?"}]}


def assert_shape(answer: Any) -> dict[str, Any]:
    assert answer.keys() == {"error"}
    error: dict[str, Any] = answer["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert "Traceback" not in error["message"]
    assert "secret" not in error["message"]
    return error


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("mode", "status", "code"),
    [
        ("error500", 502, "upstream_failed"),
        ("error400", 400, None),
        ("malformed", 502, "upstream_malformed"),
        ("hang", 504, "upstream_timeout"),
    ],
)
async def test_upstream_failures(
    start: Start, mode: str, status: int, code: str | None, stream: bool
) -> None:
    gateway = await start([Stub(mode=mode)], timeout_s=0.3)
    answered, answer = await gateway.post(CHAT, {**HELLO, "stream": stream})
    assert answered == status
    error = assert_shape(answer)
    assert error["code"] == code
    if mode == "error400":
        assert (error["message"], error["param"]) == ("bad temperature", "temperature")
    assert all(endpoint.outstanding == 0 for endpoint in gateway.pool.endpoints)


async def test_a_broken_answer(start: Start) -> None:
    gateway = await start([Stub(mode="break")])
    status, answer = await gateway.post(CHAT, HELLO)
    assert status == 502
    assert_shape(answer)


@pytest.mark.parametrize("mode", ["break", "no_done"])
async def test_a_broken_stream_ends_with_one_error_and_no_done(start: Start, mode: str) -> None:
    gateway = await start([Stub(chunks=8, mode=mode)])
    async with gateway.session.post(gateway.url + CHAT, json={**HELLO, "stream": True}) as answer:
        text = await answer.text()
    events = [orjson.loads(event.removeprefix("data: ")) for event in text.strip().split("\n\n")]
    assert_shape(events[-1])
    assert all("choices" in event for event in events[:-1])
    assert len(events) > 3
    with pytest.raises(APIError):
        await drained(gateway)
    assert gateway.pool.endpoints[0].outstanding == 0


async def drained(gateway: Gateway) -> None:
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "hello"}], stream=True
    )
    async for _ in stream:
        pass


async def test_a_stream_that_stalls_times_out(start: Start) -> None:
    gateway = await start([Stub(mode="slow", delay_s=5)], timeout_s=0.2)
    async with gateway.session.post(gateway.url + CHAT, json={**HELLO, "stream": True}) as answer:
        text = await answer.text()
    assert_shape(orjson.loads(text.removeprefix("data: ")))
    await eventually(lambda: gateway.stub.cancelled == 1)


@pytest.mark.parametrize("body", [HELLO, {**HELLO, "stream": True}])
@pytest.mark.parametrize("mode", ["hang", "slow"])
async def test_a_client_that_leaves_cancels_upstream(
    start: Start, mode: str, body: dict[str, Any]
) -> None:
    gateway = await start([Stub(mode=mode, delay_s=0.1, chunks=1_000)])
    with pytest.raises(TimeoutError):
        await gateway.post(CHAT, body, timeout=aiohttp.ClientTimeout(total=0.5))
    await eventually(lambda: gateway.stub.cancelled == 1)
    await eventually(lambda: gateway.counted == ["aborted"])
    assert gateway.pool.endpoints[0].outstanding == 0


async def test_many_keep_alive_requests_leave_nothing_behind(start: Start) -> None:
    gateway = await start()
    for body in (HELLO, ASK, {**HELLO, "stream": True}, {**ASK, "stream": True}) * 5:
        async with gateway.session.post(gateway.url + CHAT, json=body) as answer:
            assert answer.status == 200
            await answer.read()
    await eventually(lambda: len(gateway.counted) == 20)
    assert gateway.counted.count("allowed") == gateway.counted.count("enforced") == 10
    assert gateway.pool.endpoints[0].outstanding == 0


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"model": "\xff"}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "text/plain", 400),
        (b"{}", "", 400),
        (b'"' + b"x" * 10_001 + b'"', "application/json", 413),
    ],
)
async def test_bad_bodies(gateway: Gateway, data: bytes, kind: str, status: int) -> None:
    async with gateway.session.post(
        gateway.url + CHAT, data=data, headers={"Content-Type": kind}
    ) as answer:
        assert answer.status == status
        assert_shape(await answer.json())
    assert not gateway.stub.seen


async def test_the_limit_holds_without_a_length(gateway: Gateway) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    async with gateway.session.post(
        gateway.url + CHAT, data=endless(), headers={"Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 413
        assert_shape(await answer.json())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/embeddings"),
        ("GET", "/v1/responses"),
        ("GET", "/v1/responses/resp_1"),
        ("DELETE", "/v1/responses/resp_1"),
        ("POST", "/v1/responses/resp_1/cancel"),
        ("GET", "/v1/responses/resp_1/input_items"),
        ("POST", "/v1/responses/input_tokens"),
        ("POST", "/v1/chat/completions/batch"),
        ("POST", "/v1/load_lora_adapter"),
        ("GET", "/v1"),
        ("POST", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1/chat/completions"),
        ("DELETE", "/v1/models"),
        ("PUT", "/v1/x"),
        ("OPTIONS", "/v1/x"),
    ],
)
async def test_every_other_route_is_refused(gateway: Gateway, method: str, path: str) -> None:
    async with gateway.session.request(method, gateway.url + path, allow_redirects=False) as answer:
        assert answer.status == 404
        assert assert_shape(await answer.json())["code"] == "unknown_route"


async def test_nothing_is_served_while_enforcement_is_not_assured(gateway: Gateway) -> None:
    body = {"model": "stub", "messages": [{"role": "user", "content": "not ready"}]}
    status, answer = await gateway.post(CHAT, body)
    assert status == 503
    assert_shape(answer)
    assert not gateway.stub.seen


@pytest.mark.parametrize("body", [HELLO, ASK])
async def test_without_an_engine_nobody_is_answered(start: Start, body: dict[str, Any]) -> None:
    gateway = await start([], urls=("http://127.0.0.1:9",))
    status, answer = await gateway.post(CHAT, body)
    assert status == 503
    assert assert_shape(answer)["code"] == "no_upstream"


async def test_an_unhealthy_engine_leaves_and_comes_back(start: Start) -> None:
    gateway = await start([Stub(), Stub()], check_s=0.5)
    first, second = gateway.stubs
    first.mode = "unhealthy"
    await eventually(lambda: not gateway.pool.endpoints[0].healthy)
    for _ in range(4):
        assert (await gateway.post(CHAT, HELLO))[0] == 200
    assert (len(first.seen), len(second.seen)) == (0, 4)
    first.mode = "ok"
    await eventually(lambda: gateway.pool.endpoints[0].healthy)


async def test_the_least_busy_engine_is_asked(start: Start) -> None:
    gateway = await start([Stub(mode="slow", chunks=4), Stub(mode="slow", chunks=4)])
    await asyncio.gather(*(gateway.post(CHAT, HELLO) for _ in range(10)))
    assert [len(stub.seen) for stub in gateway.stubs] == [5, 5]


async def test_a_refused_connection_is_tried_once_elsewhere(start: Start) -> None:
    async with serving(Stub()) as vanishing:
        gateway = await start([Stub()], urls=(vanishing,), check_s=30)
    gone, alive = gateway.pool.endpoints
    assert gone.healthy
    status, _ = await gateway.post(CHAT, HELLO)
    assert status == 200
    assert not gone.healthy
    assert alive.outstanding == gone.outstanding == 0
