"""What the table says of each route: nothing forbidden gets out, by whatever way it is asked."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from gateway.bench.stub import Stub
from gateway.openai.surface import GENERATING
from tests.integration.openai.conftest import SECRET, Gateway, Start, eventually
from tests.integration.openai.scripted import answers, contents, forbidding, says, text

HERON = {"forbidden": ("Operation Night Heron",)}
TOLD = "It is Operation Night Heron, they say."
ROUTES = pytest.mark.parametrize("route", GENERATING)
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

PLAIN: dict[str, dict[str, Any]] = {
    "chat/completions": {"messages": [{"role": "user", "content": "What is it?"}]},
    "completions": {"prompt": 'It is "what?'},
    "responses": {"input": "What is it?"},
}


def body(route: str, **more: Any) -> dict[str, Any]:
    """A harmless request of a route."""
    return {"model": "stub", **PLAIN[route], **more}


def saying(route: str, stream: bool, said: str = TOLD, **more: Any) -> Stub:
    """An engine that says a text on a route, streamed in small pieces."""
    chat = route != "completions"
    if not stream:
        return answers({"content": said, **more}, chat=chat)
    pieces = [said[i : i + 5] for i in range(0, len(said), 5)]
    stop, finish = more.get("stop_reason"), more.get("finish_reason", "stop")
    return says(*text(*pieces), stop=stop, finish=finish, chat=chat)


async def answer(gateway: Gateway, route: str, **more: Any) -> str:
    """The body of the answer, which is one with status 200."""
    async with gateway.session.post(f"{gateway.url}/v1/{route}", json=body(route, **more)) as reply:
        assert reply.status == 200
        return await reply.text()


async def test_every_route_of_the_table_is_served(gateway: Gateway) -> None:
    for route in GENERATING:
        assert await answer(gateway, route)


@pytest.mark.parametrize(
    ("route", "fields"),
    [
        ("chat/completions", "prompt suffix"),
        ("completions", "messages tools tool_choice functions"),
        ("responses", "n suffix messages echo prompt_logprobs return_token_ids use_beam_search"),
    ],
)
async def test_what_a_route_does_not_have_is_refused(
    gateway: Gateway, route: str, fields: str
) -> None:
    for name in fields.split():
        status, answered = await gateway.post(f"/v1/{route}", body(route, **{name: 1}))
        assert status == 400, name
        assert (answered["error"]["param"], answered["error"]["code"]) == (name, "unknown_field")
    assert not gateway.stub.seen


async def test_a_completion_is_refused_as_a_whole(gateway: Gateway) -> None:
    prompt = f"Who is {SECRET}? And what is the capital of France?"
    assert json.loads(await answer(gateway, "completions", prompt=prompt))["choices"]
    assert not gateway.stub.seen


@ROUTES
@STREAM
async def test_nothing_forbidden_gets_out(start: Start, route: str, stream: bool) -> None:
    gateway = await start([saying(route, stream)], **forbidding(HERON))
    told = await answer(gateway, route, stream=stream)
    assert "night" not in told.lower()
    await eventually(lambda: gateway.counted == ["enforced"])


@STREAM
async def test_every_choice_of_every_prompt_is_filtered(start: Start, stream: bool) -> None:
    if stream:
        pieces = ("Operation", " Night", " Heron.")
        every = [delta for i in range(4) for delta in text(*pieces, index=i)]
        stub = says(*every, chat=False)
    else:
        stub = answers(*[{"content": TOLD}] * 4, chat=False)
    gateway = await start([stub], **forbidding(HERON))
    told = await answer(gateway, "completions", prompt=["One?", "Two?"], n=2, stream=stream)
    assert "Night" not in told
    for index in range(4):
        assert f'"index":{index}' in told, "each choice is answered and ended"


MESSAGES: dict[str, dict[str, Any]] = {
    "reasoning": {"content": "Well.", "reasoning": TOLD},
    "refusal": {"content": None, "refusal": TOLD},
    "tool name": {"content": None, "tool_calls": [{
        "id": "call_1", "type": "function",
        "function": {"name": "operation_night_heron", "arguments": "{}"}}]},
    "arguments": {"content": None, "tool_calls": [{
        "id": "call_1", "type": "function",
        "function": {"name": "look", "arguments": '{"at": "Operation \\u004eight Heron"}'}}]},
    "id of a tool call": {"content": None, "tool_calls": [{
        "id": "operation_night_heron", "type": "function",
        "function": {"name": "look", "arguments": "{}"}}]},
    "type of what nobody knows": {"content": "Well.", "annotations": [{"type": TOLD}]},
    "function_call": {"content": None, "function_call": {"name": "look", "arguments": TOLD}},
    "a field that nobody knows": {"content": "Well.", "note": {"text": TOLD}},
}  # fmt: skip


@pytest.mark.parametrize("route", ["chat/completions", "responses"])
@pytest.mark.parametrize("channel", MESSAGES)
@STREAM
async def test_no_channel_tells(start: Start, route: str, channel: str, stream: bool) -> None:
    message = MESSAGES[channel]
    deltas = [{key: [{"index": 0, **value[0]}] if isinstance(value, list) else value}
              for key, value in message.items() if value is not None]  # fmt: skip
    gateway = await start([says(*deltas) if stream else answers(message)], **forbidding(HERON))
    assert "heron" not in (await answer(gateway, route, stream=stream)).lower()
    await eventually(lambda: gateway.counted == ["enforced"])


@ROUTES
@STREAM
@pytest.mark.parametrize("where", ["message", "choice"])
async def test_what_stands_beside_a_message_is_filtered_too(
    start: Start, route: str, stream: bool, where: str
) -> None:
    chat = route != "completions"
    stub = saying(route, stream, "Well.")
    source = stub._events[chat][0][6:] if stream else stub._whole[chat]
    content = orjson.loads(source)
    choice = content["choices"][0]
    inner = choice.get("delta", choice.get("message", choice))
    (inner if where == "message" else choice)["remark"] = {"text": [TOLD]}
    if stream:
        stub._events[chat][0] = b"data: " + orjson.dumps(content) + b"\n\n"
    else:
        stub._whole[chat] = orjson.dumps(content)
    gateway = await start([stub], **forbidding(HERON))
    assert "Heron" not in await answer(gateway, route, stream=stream)
    await eventually(lambda: gateway.counted == ["enforced"])


async def test_what_is_harmless_beside_a_message_is_kept_where_it_stood(start: Start) -> None:
    stub = answers({"content": "Well."})
    content = orjson.loads(stub._whole[True])
    content["choices"][0]["remark"] = {"text": "a bird"}
    stub._whole[True] = orjson.dumps(content)
    gateway = await start([stub], **forbidding(HERON))
    assert json.loads(await answer(gateway, "chat/completions")) == content


def entry(token: str, *others: str) -> dict[str, Any]:
    tops = [{"token": name, "logprob": -1.0, "bytes": None} for name in (token, *others)]
    return {"token": token, "logprob": -1.0, "bytes": None, "top_logprobs": tops}


ASKED: dict[str, dict[str, Any]] = {
    "chat/completions": {"logprobs": True, "top_logprobs": 2},
    "completions": {"logprobs": 2},
    "responses": {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
}


@ROUTES
@STREAM
async def test_no_alternative_tells(start: Start, route: str, stream: bool) -> None:
    tokens = [("Operation", "Owl"), (" Night", " Day"), (" Owl", " Heron"), (".", "!")]
    if route == "completions":
        probabilities: list[dict[str, Any]] = [
            {"tokens": [name], "token_logprobs": [-1.0], "text_offset": [0],
             "top_logprobs": [{name: -1.0, other: -1.0}]}
            for name, other in tokens
        ]  # fmt: skip
        joined = {key: [p[key][0] for p in probabilities] for key in probabilities[0]}
    else:
        probabilities = [{"content": [entry(*names)]} for names in tokens]
        joined = {"content": [entry(*names) for names in tokens]}
    chat = route != "completions"
    said = "".join(name for name, _ in tokens)
    if stream:
        deltas = [
            {"content": name, "logprobs": logprobs}
            for (name, _), logprobs in zip(tokens, probabilities, strict=True)
        ]
        stub = says(*deltas, chat=chat)
    else:
        stub = answers({"content": said, "logprobs": joined}, chat=chat)
    gateway = await start([stub], **forbidding(HERON))
    told = await answer(gateway, route, stream=stream, **ASKED[route])
    assert "Heron" not in told
    assert " Day" in told, "what tells nothing stays"


@ROUTES
@STREAM
async def test_a_structure_that_is_cut_parses(start: Start, route: str, stream: bool) -> None:
    # The prompt of the completion, with its one quotation mark, is no part of the JSON.
    told = '{"a": 1, "b": "Operation \\u004eight Heron"}'
    shape: dict[str, Any] = {"response_format": {"type": "json_object"}}
    if route == "responses":
        shape = {"text": {"format": {"type": "json_object"}}}
    gateway = await start([saying(route, stream, told)], **forbidding(HERON))
    reply = await answer(gateway, route, stream=stream, **shape)
    assert json.loads(said_in(route, reply, stream)) == {"a": 1, "b": ""}


def said_in(route: str, reply: str, stream: bool) -> str:
    """The text of an answer of a route."""
    blocks = [json.loads(line[6:]) for line in reply.splitlines() if line.startswith("data: {")]
    if route == "responses":
        if stream:
            return "".join(b["delta"] for b in blocks if b["type"] == "response.output_text.delta")
        return str(json.loads(reply)["output"][0]["content"][0]["text"])
    choices = [b["choices"][0] for b in (blocks if stream else [json.loads(reply)]) if b["choices"]]
    messages = [c.get("delta", c.get("message", c)) for c in choices]
    return "".join(m.get("content", m.get("text")) or "" for m in messages)


@ROUTES
@STREAM
async def test_a_stop_string_completes_nothing(start: Start, route: str, stream: bool) -> None:
    # The client learns what it was that the text stopped before.
    stub = saying(route, stream, "It is Operation Night", stop_reason=" Heron")
    gateway = await start([stub], **forbidding(HERON))
    told = await answer(gateway, route, stream=stream, stop=[" Heron"])
    assert "Night" not in told
    assert "Heron" not in told
    await eventually(lambda: gateway.counted == ["enforced"])


@ROUTES
@STREAM
@pytest.mark.parametrize("ended", [{"finish_reason": "length"}, {"stop_reason": "r"}], ids=str)
async def test_what_is_cut_off_is_not_begun(
    start: Start, route: str, stream: bool, ended: dict[str, Any]
) -> None:
    # Cut by cut a client would hear all of it: each answer begins with the one before.
    stub = saying(route, stream, "It is Operation Night He", **ended)
    gateway = await start([stub], **forbidding(HERON))
    told = said_in(route, await answer(gateway, route, stream=stream), stream)
    assert told == "It is "
    whole = saying(route, stream, "It is Operation Night He")
    gateway = await start([whole], **forbidding(HERON))
    told = said_in(route, await answer(gateway, route, stream=stream), stream)
    assert told == "It is Operation Night He", "what ends by itself is nothing forbidden"


async def test_probabilities_of_what_is_cut_off_are_not_told(start: Start) -> None:
    tokens = ("It is", " Operation", " Night", " He")
    deltas = [{"content": t, "logprobs": {"content": [entry(t)]}} for t in tokens]
    gateway = await start([says(*deltas, finish="length")], **forbidding(HERON))
    told = await answer(gateway, "chat/completions", stream=True, **ASKED["chat/completions"])
    assert "It is" in told
    assert "Operation" not in told
    message = {"content": "".join(tokens), "logprobs": {"content": [entry(t) for t in tokens]},
               "finish_reason": "length"}  # fmt: skip
    gateway = await start([answers(message)], **forbidding(HERON))
    assert "Operation" not in await answer(gateway, "chat/completions", **ASKED["chat/completions"])


async def test_an_ordinary_stop_string_changes_nothing(start: Start) -> None:
    stub = saying("chat/completions", False, "A night heron", stop_reason=".")
    gateway = await start([stub], **forbidding(HERON))
    assert json.loads(await answer(gateway, "chat/completions", stop=["."])) == json.loads(
        stub._whole[True]
    )


@pytest.mark.parametrize("route", GENERATING[1:])
@STREAM
async def test_usage_does_not_tell_of_more(start: Start, route: str, stream: bool) -> None:
    more = {"stream_options": {"include_usage": True}} if stream and route == "completions" else {}
    gateway = await start([saying(route, stream)], **forbidding(HERON))
    reply = await answer(gateway, route, stream=stream, **more)
    blocks = [json.loads(line[6:]) for line in reply.splitlines() if line.startswith("data: {")]
    last = blocks[-1] if stream else json.loads(reply)
    usage = last.get("response", last)["usage"]
    words = len(said_in(route, reply, stream).split())
    assert usage.get("completion_tokens", usage.get("output_tokens")) == words + 1


async def test_a_response_does_not_complete_what_was_begun(start: Start) -> None:
    begun = [{"role": "user", "content": "What is it?"},
             {"role": "assistant", "content": "It is Operation Night"}]  # fmt: skip
    gateway = await start([saying("responses", False, " Heron, of course.")], **forbidding(HERON))
    assert "Heron" not in await answer(gateway, "responses", input=begun)


@ROUTES
async def test_schemas_are_screened(start: Start, route: str) -> None:
    gateway = await start()
    schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"const": SECRET}}}
    shape: dict[str, Any] = {"response_format": schema}
    if route == "responses":
        form = {"type": "json_schema", "name": "s", "schema": {"const": SECRET}}
        shape = {"text": {"format": form}}
    assert await answer(gateway, route, **shape)
    assert await answer(gateway, route, structured_outputs={"choice": [SECRET]})
    assert not gateway.stub.seen
    assert gateway.counted == ["enforced"] * 2


async def test_the_official_client_streams_two_choices_with_tools_and_logprobs(
    start: Start,
) -> None:
    def of(index: int, *deltas: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"index": index, **delta} for delta in deltas]

    def called(part: str, **more: Any) -> dict[str, Any]:
        return {"tool_calls": [{"index": 0, **more, "function": {"arguments": part}}]}

    begun = {"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                             "function": {"name": "look", "arguments": ""}}]}  # fmt: skip
    first = of(0, {"role": "assistant", "content": ""}, begun, called('{"at": "a n'),
               called("ight heron"), called('"}'))  # fmt: skip
    second = of(1, {"role": "assistant", "content": ""}, *(
        {"content": name, "logprobs": {"content": [entry(name, " other")]}}
        for name in ("It is", " Operation", " Night", " Heron", ".")
    ))  # fmt: skip
    mixed = [delta for pair in zip(first, second[:5], strict=True) for delta in pair]
    gateway = await start([says(*mixed, *second[5:])], **forbidding(HERON))
    tool: Any = {"type": "function", "function": {"name": "look", "parameters": {}}}
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "Look."}], stream=True, n=2,
        tools=[tool], logprobs=True, top_logprobs=2, stream_options={"include_usage": True},
    )  # fmt: skip
    chunks = [chunk async for chunk in stream]
    calls = [
        call
        for chunk in chunks
        for choice in chunk.choices
        for call in choice.delta.tool_calls or ()
    ]
    assert calls[0].function is not None
    assert calls[0].function.name == "look"
    said = "".join(c.function.arguments or "" for c in calls if c.function)
    assert json.loads(said) == {"at": "a night heron"}
    assert contents(chunks, 1).startswith("It is")
    assert "Operation" not in contents(chunks, 1)
    entries = [
        one.token
        for chunk in chunks
        for choice in chunk.choices
        if choice.logprobs
        for one in choice.logprobs.content or ()
    ]
    assert entries == ["It is"]
    assert chunks[-1].usage is not None
    await eventually(lambda: gateway.counted == ["enforced"])
