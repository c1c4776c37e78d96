"""Whether a prompt is refused cannot be told from the errors that it gets or is spared."""

from __future__ import annotations

import asyncio
import time
from io import BytesIO
from typing import Any

import orjson
import pytest
from starlette.types import Send

from gateway.bench.stub import Stub
from tests.integration.openai.conftest import SECRET, Gateway, Start

CHAT = "/v1/chat/completions"


def ask(text: str, **fields: Any) -> dict[str, Any]:
    return {"model": "stub", "messages": [{"role": "user", "content": text}], **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": -1},
        {"temperature": 0, "n": 2},
        {"top_p": 0},
        {"logit_bias": {"x": 1}},
        {"tools": "x"},
        {"tool_choice": "auto"},
        {"stream_options": {"include_usage": True}},
        {"max_tokens": 4_097},
        {"max_completion_tokens": 4_097},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"priority": 1},
    ],
)
async def test_a_wrong_field_is_answered_alike(gateway: Gateway, fields: dict[str, Any]) -> None:
    answers = [await gateway.post(CHAT, ask(t, **fields)) for t in ("hello", f"Who is {SECRET}?")]
    assert answers[0][0] == 400
    assert answers[0] == answers[1]
    assert not gateway.stub.seen


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_that_fills_the_context_is_no_answer(start: Start, stream: bool) -> None:
    gateway = await start([Stub(context=20)])
    status, answer = await gateway.post(CHAT, ask(f"{SECRET} " * 11, stream=stream))
    assert status == 400
    assert answer["error"]["code"] == "context_length_exceeded"
    status, answer = await gateway.post(CHAT, ask(f"{SECRET} " * 8))
    assert status == 200
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["total_tokens"] == 20
    assert gateway.counted == ["enforced", "enforced"]


async def test_an_estimate_is_not_held_against_the_client(start: Start) -> None:
    gateway = await start([Stub(context=20, tokenizer=False)])
    status, _ = await gateway.post(CHAT, ask(f"{SECRET} " * 20))
    assert status == 200


class Strict(Stub):
    """An engine whose template cannot take the messages of a chat."""

    async def _tokenize(self, body: bytes, send: Send) -> None:
        if b'"messages"' not in body:
            await super()._tokenize(body, send)
            return
        told = b'{"error": {"message": "roles must alternate", "param": null, "code": 400}}'
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": told})


async def test_what_the_template_cannot_take_is_no_refusal(start: Start) -> None:
    gateway = await start([Strict()])
    status, answer = await gateway.post(CHAT, ask(f"Who is {SECRET}?"))
    assert (status, answer["error"]["message"]) == (400, "roles must alternate")
    body = {"model": "stub", "prompt": f"Who is {SECRET}?"}
    assert (await gateway.post("/v1/completions", body))[0] == 200


async def test_greedy_answers_do_not_change_with_the_seed(gateway: Gateway) -> None:
    said = set()
    for seed in range(8):
        body = ask(f"Who is {SECRET}?", temperature=0, seed=seed)
        said.add((await gateway.post(CHAT, body))[1]["choices"][0]["message"]["content"])
    assert len(said) == 1


async def test_a_large_body_does_not_hold_up_others(start: Start) -> None:
    gateway = await start(max_body=8 * 2**20)
    parts = [{"type": "text", "text": "x" * 2_000 + ". "}] * 1_900
    large = {"model": "stub", "messages": [{"role": "user", "content": parts}]}
    body = BytesIO(orjson.dumps(large))
    json = {"Content-Type": "application/json"}

    async def send() -> int:
        async with gateway.session.post(gateway.url + CHAT, data=body, headers=json) as answer:
            return answer.status

    waiting = asyncio.create_task(send())
    slowest = 0.0
    while not waiting.done():
        began = time.perf_counter()
        assert (await gateway.post("/v1/nothing", {}))[0] == 404
        slowest = max(slowest, time.perf_counter() - began)
    assert await waiting == 200
    assert len(gateway.stub.seen) == 1
    assert slowest < 2
