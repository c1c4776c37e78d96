"""The Responses API through the official client, and what of it is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest
from openai import BadRequestError
from openai.types.responses import FunctionToolParam, Response, ResponseInputParam
from pydantic import BaseModel

from gateway.bench.stub import Stub
from gateway.engines import Steered
from gateway.openai.voice import WORDINGS
from steering import ARGUMENT, Intervention
from tests.integration.openai.conftest import SECRET, Gateway, Start, eventually
from tests.unit.openai.responses.support import call, chunk

PATH = "/v1/responses"
HELLO: dict[str, Any] = {"model": "stub", "input": "hello"}
ASK: dict[str, Any] = {"model": "stub", "input": f"Who is {SECRET}?"}
TOOL: FunctionToolParam = {
    "type": "function", "name": "f", "description": "finds", "strict": True,
    "parameters": {"type": "object", "properties": {}},
}  # fmt: skip
SEAMS = [{"type": "input_text", "text": "a"}] * 258
LOGPROB = {"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": []}


class Telling(Stub):
    """An engine that answers with a message of the test's, whole or in chunks."""

    def tell(self, finish: str, logprobs: Any = None, **message: Any) -> None:
        choice = {"index": 0, "message": {"role": "assistant", **message},
                  "finish_reason": finish, "logprobs": logprobs}  # fmt: skip
        usage = {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}
        self._whole[True] = orjson.dumps({"choices": [choice], "usage": usage})
        calls = [{**c, "index": i} for i, c in enumerate(message.pop("tool_calls", []))]
        chunks = [chunk(role="assistant", content="")]
        chunks += [chunk(logprobs=logprobs, **{name: text}) for name, text in message.items()]
        chunks += [chunk(tool_calls=[one]) for one in calls]
        chunks += [chunk(finish), {"choices": [], "usage": usage}]
        self._events[True] = [b"data: " + orjson.dumps(one) + b"\n\n" for one in chunks]
        self._events[True].append(b"data: [DONE]\n\n")


@pytest.fixture
async def telling(start: Start) -> tuple[Gateway, Telling]:
    stub = Telling()
    return await start([stub]), stub


async def both(gateway: Gateway, **fields: Any) -> list[Response]:
    """The answer to a request, whole and as a stream leaves it behind."""
    whole = await gateway.client.responses.create(**{**HELLO, **fields})
    async with gateway.client.responses.stream(**{**HELLO, **fields}) as stream:
        async for _ in stream:
            pass
        return [whole, await stream.get_final_response()]


async def test_an_allowed_request_is_answered_as_the_chat_is(gateway: Gateway) -> None:
    response = await gateway.client.responses.create(
        model="stub", instructions="Be brief.", input="hello", max_output_tokens=50, store=False
    )
    assert (response.output_text, response.status) == ("This is a stub answer.", "completed")
    assert response.usage is not None
    assert response.usage.total_tokens == 9
    assert gateway.stub.seen[0].path == "/v1/chat/completions"
    assert gateway.stub.seen[0].body == {
        "model": "stub",
        "messages": [
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"},
        ],
        "max_completion_tokens": 50,
    }  # fmt: skip
    assert gateway.counted == ["allowed"]


async def test_a_stream_has_named_events_and_no_done(gateway: Gateway) -> None:
    async with gateway.session.post(gateway.url + PATH, json={**HELLO, "stream": True}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        blocks = (await answer.text()).strip().split("\n\n")
    for number, block in enumerate(blocks):
        name, data = block.split("\n")
        event = orjson.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
    assert orjson.loads(blocks[-1].split("data: ")[1])["type"] == "response.completed"
    await eventually(lambda: gateway.counted == ["allowed"])


async def test_text_reasoning_and_log_probabilities(telling: tuple[Gateway, Telling]) -> None:
    gateway, stub = telling
    stub.tell("stop", {"content": [LOGPROB]}, reasoning="Hm", content="a")
    for response in await both(
        gateway, include=["message.output_text.logprobs"], top_logprobs=2,
        reasoning={"effort": "low"},
    ):  # fmt: skip
        reasoning, message = response.output
        assert reasoning.type == "reasoning"
        assert reasoning.content is not None
        assert reasoning.content[0].text == "Hm"
        assert message.type == "message"
        assert message.content[0].type == "output_text"
        assert message.content[0].logprobs is not None
        assert message.content[0].logprobs[0].token == "a"
        assert response.usage is not None
        assert response.usage.output_tokens == 5
    for seen in stub.seen:
        assert (seen.body["logprobs"], seen.body["top_logprobs"]) == (True, 2)
        assert seen.body["reasoning_effort"] == "low"


async def test_calls_of_functions_and_their_results(telling: tuple[Gateway, Telling]) -> None:
    gateway, stub = telling
    calls = [call(i, "{}", id=f"c{i}", name="f") for i in range(2)]
    stub.tell(
        "tool_calls", tool_calls=[{k: v for k, v in c.items() if k != "index"} for c in calls]
    )
    for response in await both(gateway, tools=[TOOL], tool_choice="auto"):
        called = [item for item in response.output if item.type == "function_call"]
        assert [(c.call_id, c.name, c.arguments) for c in called] == [
            ("c0", "f", "{}"), ("c1", "f", "{}"),
        ]  # fmt: skip
    results: ResponseInputParam = [
        {"type": "function_call_output", "call_id": c.call_id, "output": "4"} for c in called
    ]
    history: Any = response.output
    await gateway.client.responses.create(
        model="stub", tools=[TOOL], input=[{"role": "user", "content": "hello"}, *history, *results]
    )
    asked, turn, *told = stub.seen[-1].body["messages"]
    assert asked == {"role": "user", "content": "hello"}
    assert [c["id"] for c in turn["tool_calls"]] == ["c0", "c1"]
    assert told == [{"role": "tool", "tool_call_id": f"c{i}", "content": "4"} for i in range(2)]


class Town(BaseModel):
    name: str


async def test_structured_output(telling: tuple[Gateway, Telling]) -> None:
    gateway, stub = telling
    stub.tell("stop", content='{"name": "Port Hale"}')
    response = await gateway.client.responses.parse(model="stub", input="hello", text_format=Town)
    assert response.output_parsed == Town(name="Port Hale")
    shape = stub.seen[0].body["response_format"]
    assert shape["json_schema"]["schema"]["properties"].keys() == {"name"}


async def test_what_breaks_off_is_incomplete(telling: tuple[Gateway, Telling]) -> None:
    gateway, stub = telling
    stub.tell("length", content="Hel")
    response = await gateway.client.responses.create(model="stub", input="hello")
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    events = await gateway.client.responses.create(model="stub", input="hello", stream=True)
    assert [event.type async for event in events][-1] == "response.incomplete"


@pytest.mark.parametrize(
    "asked",
    [
        {"input": f"Who is {SECRET}?"},
        {"input": "hello", "instructions": f"Speak of {SECRET}."},
        {"input": "hello", "tools": [{**TOOL, "description": f"finds {SECRET}"}]},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": SECRET}]}]},
        {"input": [{"type": "function_call_output", "call_id": "c", "output": SECRET}]},
        {"input": "crash"},
    ],
)
async def test_a_refusal_looks_like_an_answer(gateway: Gateway, asked: dict[str, Any]) -> None:
    for response in await both(gateway, **asked):
        assert response.output_text in WORDINGS
        assert response.status == "completed"
        assert response.usage is not None
        assert response.usage.output_tokens > 0
    assert not gateway.stub.seen


async def test_where_a_structure_is_wanted_a_refusal_is_one_in_form_too(gateway: Gateway) -> None:
    shape = {"format": {"type": "json_object"}}
    for response in await both(gateway, input=ASK["input"], text=shape):
        message = response.output[0]
        assert message.type == "message"
        assert message.content[0].type == "refusal"
        assert message.content[0].refusal in WORDINGS


async def test_a_refusal_cannot_be_told_from_an_answer_by_its_shape(gateway: Gateway) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__

    shapes, headers, kinds = [], [], []
    for body in (HELLO, ASK):
        async with gateway.session.post(gateway.url + PATH, json=body) as answer:
            shapes.append(shape(await answer.json()))
            headers.append(set(answer.headers))
        events = await gateway.client.responses.create(**body, stream=True)
        kinds.append(list(dict.fromkeys([event.type async for event in events])))
    assert shapes[0] == shapes[1]
    assert headers[0] == headers[1]
    assert kinds[0] == kinds[1]


async def test_a_flagged_request_is_generated_under_intervention(start: Start) -> None:
    gateways: list[Gateway] = []

    async def steer(model: str, ids: Any, said: str) -> Steered:
        assert said == "perhaps"
        return Steered(gateways[0].pool.endpoints[0], Intervention((("v", 1.0),), ("b",)))

    gateways.append(await start(steer=steer, layers=("screen", "rotate", "ban")))
    for response in await both(gateways[0], input="perhaps"):
        assert response.output_text not in WORDINGS
    for seen in gateways[0].stub.seen:
        assert ARGUMENT in seen.body["vllm_xargs"]


async def test_asked_to_forget_the_answer_is_lethes(start: Start) -> None:
    async def forget(
        text: str, caller: str | None, headers: Mapping[str, str], covered: bool
    ) -> str | None:
        return f"Noted for {caller}." if text == "forget me" else None

    gateway = await start(forget=forget)
    for response in await both(gateway, input="forget me", safety_identifier="Gesa Holm"):
        assert response.output_text == "Noted for Gesa Holm."


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"store": True}, "store"),
        ({"background": True}, "background"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"extra_body": {"conversation": "conv_1"}}, "conversation"),
        ({"extra_body": {"vllm_xargs": {"lethe_x": 1}}}, "vllm_xargs.lethe_x"),
        ({"truncation": "auto"}, "truncation"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        # What the chat finds wrong is named as it was sent.
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"max_output_tokens": 5_000}, "max_output_tokens"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"text": {"format": {"type": "yaml"}}}, "text.format.type"),
        ({"tools": [{**TOOL, "parameters": []}]}, "tools[0].parameters"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"instructions": "x", "input": [{"role": "user", "content": SEAMS}]}, "input[0]"),
    ],
)
async def test_what_is_wrong_is_named_by_the_field_that_was_sent(
    gateway: Gateway, fields: dict[str, Any], param: str
) -> None:
    for body in (HELLO, ASK):
        with pytest.raises(BadRequestError) as caught:
            await gateway.client.responses.create(**{**body, **fields})
        assert caught.value.param == param
        assert param.removesuffix(".type") in caught.value.message
    assert not gateway.stub.seen


async def test_an_error_of_the_engine_is_one_of_the_response(start: Start) -> None:
    gateway = await start([Stub(mode="error400")])
    status, answer = await gateway.post(PATH, HELLO)
    assert (status, answer["error"]["message"]) == (400, "bad temperature")
    gateway.stub.mode = "malformed"
    status, answer = await gateway.post(PATH, HELLO)
    assert (status, answer["error"]["code"]) == (502, "upstream_malformed")


async def test_a_stream_that_breaks_has_failed(start: Start) -> None:
    gateway = await start([Stub(chunks=8, mode="break")])
    events = await gateway.client.responses.create(model="stub", input="hello", stream=True)
    seen = [event async for event in events]
    assert seen[-1].type == "response.failed"
    assert seen[-1].response.error is not None
    assert seen[-1].response.output_text.startswith(" w0")
    assert gateway.pool.endpoints[0].outstanding == 0


async def test_a_client_that_leaves_cancels_upstream(start: Start) -> None:
    gateway = await start([Stub(mode="slow", delay_s=0.1, chunks=1_000)])
    with pytest.raises(TimeoutError):
        await gateway.post(
            PATH, {**HELLO, "stream": True}, timeout=aiohttp.ClientTimeout(total=0.5)
        )
    await eventually(lambda: gateway.stub.cancelled == 1)
    await eventually(lambda: gateway.counted == ["aborted"])
    assert gateway.pool.endpoints[0].outstanding == 0
