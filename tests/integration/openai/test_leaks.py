"""What the model says and must not: through no route, mode, channel or chunking does it get out."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest

from gateway.bench.stub import Stub
from gateway.errors import NotReady
from guards.leak.watch import Watch
from tests.integration.openai.conftest import Gateway, Start, eventually
from tests.integration.openai.scripted import answers, contents, forbidding, says, text
from tests.unit.guards.leak.watching import KEY, rules_of

HERON = {"forbidden": ("Operation Night Heron",)}
ASK: dict[str, Any] = {"model": "stub", "messages": [{"role": "user", "content": "What is it?"}]}
PATH = "/v1/chat/completions"
TOLD = "It is Operation Night Heron, they say."


async def streamed(gateway: Gateway, **more: Any) -> list[Any]:
    stream = await gateway.client.chat.completions.create(**(ASK | more), stream=True)
    return [chunk async for chunk in stream]


async def test_a_word_in_three_chunks(start: Start) -> None:
    gateway = await start([says(*text("It is Op", "eration Night Her", "on, they say."))],
                          **forbidding(HERON))  # fmt: skip
    chunks = await streamed(gateway)
    said = contents(chunks)
    assert said.startswith("It is ")
    assert "Operation" not in said
    assert said.endswith(".")
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert gateway.counted == ["enforced"]


async def test_every_chunking(start: Start) -> None:
    said = set()
    for size in (1, 2, 5, 100):
        pieces = [TOLD[i : i + size] for i in range(0, len(TOLD), size)]
        gateway = await start([says(*text(*pieces))], **forbidding(HERON))
        said.add(contents(await streamed(gateway)))
    gateway = await start([answers({"content": TOLD})], **forbidding(HERON))
    reply = await gateway.client.chat.completions.create(**ASK)
    said.add(str(reply.choices[0].message.content))
    assert len(said) == 1, "streamed or not, in whatever pieces, the same is said"


async def test_two_choices_in_one_stream(start: Start) -> None:
    pieces = zip(text("It is Operation", " Night", " Heron."),
                 text("It is ", "a bird", ".", index=1), strict=True)  # fmt: skip
    stub = says(*(delta for pair in pieces for delta in pair))
    gateway = await start([stub], **forbidding(HERON))
    chunks = await streamed(gateway, n=2)
    assert "Night" not in contents(chunks)
    assert contents(chunks, 1) == "It is a bird."
    ends = {c.choices[0].index: c.choices[0].finish_reason for c in chunks if c.choices}
    assert ends == {0: "stop", 1: "stop"}
    two = answers({"content": TOLD}, {"content": "A bird."})
    gateway = await start([two], **forbidding(HERON))
    reply = await gateway.client.chat.completions.create(**ASK, n=2)
    assert "Night" not in str(reply.choices[0].message.content)
    assert reply.choices[1].message.content == "A bird."


async def test_what_is_harmless_passes_to_the_byte(start: Start) -> None:
    stub = says({"role": "assistant", "content": ""}, *text("Night", " herons", " fly.\n\n"))
    gateway = await start([stub], **forbidding(HERON))
    body = ASK | {"stream": True}
    async with gateway.session.post(gateway.url + PATH, json=body) as answer:
        assert await answer.read() == b"".join(stub._events[True])
    assert gateway.counted == ["allowed"]


async def test_a_pattern_longer_than_any_window(start: Start) -> None:
    secret = " ".join(f"part{n}" for n in range(200))  # 1,500 characters
    passage = {"passages": (secret,)}
    gateway = await start([says(*text("So: ", secret[:700], secret[700:], "."))],
                          **forbidding(passage))  # fmt: skip
    assert "part7" not in contents(await streamed(gateway))


@pytest.mark.parametrize("finish", ["stop", "content_filter"])
async def test_the_engine_is_cancelled_at_once(start: Start, finish: str) -> None:
    stub = says(*text("Operation", " Night", " Heron,", *([" and on"] * 500)))
    stub.mode, stub.delay_s = "slow", 0.01
    gateway = await start([stub], **forbidding(HERON), finish_reason=finish)
    chunks = await streamed(gateway)
    assert chunks[-1].choices[0].finish_reason == finish
    await eventually(lambda: stub.cancelled == 1)


async def test_text_flows_while_the_engine_still_writes(start: Start) -> None:
    stub = says(*text("One ", "two ", "three."))
    stub.mode, stub.delay_s = "slow", 3_600
    gateway = await start([stub], **forbidding(HERON))
    stub.delay_s = 0.0
    async with gateway.session.post(gateway.url + PATH, json=ASK | {"stream": True}) as answer:
        assert b"One " in await answer.content.readany()


async def test_usage_is_that_of_what_was_said(start: Start) -> None:
    stub = says(*text("It is ", "Operation", " Night", " Heron."))
    gateway = await start([stub], **forbidding(HERON))
    chunks = await streamed(gateway, stream_options={"include_usage": True})
    words = len(contents(chunks).split())
    assert chunks[-1].usage.completion_tokens == words + 1
    assert chunks[-1].usage.prompt_tokens == 3
    gateway = await start([answers({"content": TOLD})], **forbidding(HERON))
    usage = (await gateway.client.chat.completions.create(**ASK)).usage
    assert usage is not None
    assert (usage.completion_tokens, usage.total_tokens) == (words + 1, words + 4)


@pytest.mark.parametrize("stream", [False, True])
async def test_the_end_heeds_stop_strings(start: Start, stream: bool) -> None:
    stub = says(*text("It is Operation", " Night", " Heron", ", they say"))
    stub._whole = answers({"content": TOLD})._whole
    gateway = await start([stub], **forbidding(HERON))
    if stream:
        said = contents(await streamed(gateway, stop=["."]))
    else:
        reply = await gateway.client.chat.completions.create(**ASK, stop=["."])
        said = str(reply.choices[0].message.content)
    assert said.startswith("It is ")
    assert "." not in said


FUNCTION = {"name": "look", "arguments": '{"at": "Operation \\u004eight Heron", "n": 1}'}


@pytest.mark.parametrize(
    "message",
    [
        {"content": TOLD},
        {"content": "Well.", "reasoning": TOLD},
        {"content": "Well.", "reasoning_content": TOLD},
        {"content": None, "refusal": TOLD},
        {"content": None, "tool_calls": [{"id": "call_1", "type": "function",
                                          "function": FUNCTION}]},
        {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": {
            "name": "operation_night_heron", "arguments": "{}"}}]},
        {"content": None, "tool_calls": [{"id": "call_1", "type": "function", "function": {
            "name": "look", "arguments": '{"a": ["Operation", "Night", "Heron"]}'}}]},
        {"content": None, "function_call": FUNCTION},
        {"content": "Well.", "annotations": [{"note": {"text": TOLD}}]},
    ],
    ids=["content", "reasoning", "reasoning_content", "refusal", "arguments", "tool name",
         "spread over values", "function_call", "a field that nobody knows"],
)  # fmt: skip
@pytest.mark.parametrize("stream", [False, True])
async def test_every_channel(start: Start, message: dict[str, Any], stream: bool) -> None:
    deltas = [{key: [{"index": 0, **value[0]}] if isinstance(value, list) else value}
              for key, value in message.items() if value is not None]  # fmt: skip
    gateway = await start([says(*deltas) if stream else answers(message)], **forbidding(HERON))
    async with gateway.session.post(gateway.url + PATH, json=ASK | {"stream": stream}) as answer:
        body = (await answer.read()).decode()
    assert answer.status == 200
    assert "heron" not in body.lower()
    assert gateway.counted == ["enforced"]
    if stream:
        assert body.endswith("data: [DONE]\n\n")


async def test_arguments_that_are_stopped_stay_json(start: Start) -> None:
    arguments = '{"why": "because", "at": ["x", "Operation Night Heron'
    pieces = [arguments[i : i + 7] for i in range(0, len(arguments), 7)]
    calls = [{"tool_calls": [{"index": 0, "id": "call_1", "type": "function",
                              "function": {"name": "look", "arguments": ""}}]}]  # fmt: skip
    calls += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces]
    gateway = await start([says(*calls, finish="tool_calls")], **forbidding(HERON))
    chunks = await streamed(gateway)
    said = "".join(
        call.function.arguments or ""
        for chunk in chunks
        for call in chunk.choices[0].delta.tool_calls or ()
    )
    assert json.loads(said) == {"why": "because", "at": ["x", ""]}
    gateway = await start([answers({"content": None, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": arguments}}
    ]})], **forbidding(HERON))  # fmt: skip
    message = (await gateway.client.chat.completions.create(**ASK)).choices[0].message
    assert not message.tool_calls, "half of a call would call with something else"
    assert message.content


@pytest.mark.parametrize("stream", [False, True])
async def test_a_structure_stays_json_or_is_refused(start: Start, stream: bool) -> None:
    shape = {"response_format": {"type": "json_object"}, "stream": stream}
    for told, kept in (
        ('{"a": 1, "b": "Operation Night Heron"}', {"a": 1, "b": ""}),
        ('"Operation Night Heron"', ""),
    ):
        stub = says(*text(*told)) if stream else answers({"content": told})
        gateway = await start([stub], **forbidding(HERON))
        async with gateway.session.post(gateway.url + PATH, json=ASK | shape) as answer:
            assert answer.status == 200
            body = await answer.read()
        if stream:
            events = [json.loads(line[6:]) for line in body.split(b"\n\n")[:-2]]
            said = "".join(e["choices"][0]["delta"].get("content") or "" for e in events)
        else:
            said = json.loads(body)["choices"][0]["message"]["content"]
        assert json.loads(said) == kept


def entry(token: str, *others: str) -> dict[str, Any]:
    tops = [{"token": name, "logprob": -1.0, "bytes": None} for name in (token, *others)]
    return {"token": token, "logprob": -1.0, "bytes": None, "top_logprobs": tops}


async def test_alternatives_do_not_tell(start: Start) -> None:
    tokens = [("It",), (" is", " Operation"), (" a",), (" night",), (" bird", " owl")]
    tokens_told = [(" Operation",), (" Night", " Day"), (" Owl", " Heron", " Hero")]
    deltas = [
        {"content": names[0], "logprobs": {"content": [entry(*names)]}}
        for names in (*tokens, *tokens_told)
    ]
    gateway = await start([says(*deltas)], **forbidding(HERON))
    chunks = await streamed(gateway, logprobs=True, top_logprobs=3)
    assert contents(chunks) == "It is a night bird Operation Night Owl"
    entries = [e for c in chunks if c.choices[0].logprobs for e in c.choices[0].logprobs.content]
    assert [e.token for e in entries] == [names[0] for names in (*tokens, *tokens_told)]
    seen = {top.token for e in entries for top in e.top_logprobs}
    assert " Heron" not in seen
    assert " Day" in seen
    assert " owl" in seen
    message = {"content": contents(chunks), "logprobs": {"content": [
        entry(*names) for names in (*tokens, *tokens_told)
    ]}}  # fmt: skip
    gateway = await start([answers(message)], **forbidding(HERON))
    reply = await gateway.client.chat.completions.create(**ASK, logprobs=True, top_logprobs=3)
    assert "Heron" not in reply.model_dump_json()


async def test_probabilities_do_not_run_ahead_of_their_text(start: Start) -> None:
    deltas = [{"content": t, "logprobs": {"content": [entry(t)]}}
              for t in ("See", " Operation", " Night", " Heron", ".")]  # fmt: skip
    gateway = await start([says(*deltas)], **forbidding(HERON))
    chunks = await streamed(gateway, logprobs=True)
    assert "Operation" not in "".join(chunk.model_dump_json() for chunk in chunks)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_completion_does_not_complete_what_the_prompt_began(
    start: Start, stream: bool
) -> None:
    told = " Heron, of course. And more."
    stub = says(*text(*told), chat=False) if stream else answers({"content": told}, chat=False)
    gateway = await start([stub], **forbidding(HERON))
    body = {"model": "stub", "prompt": "They called it Operation Night", "stream": stream}
    async with gateway.session.post(gateway.url + "/v1/completions", json=body) as answer:
        assert "Heron" not in await answer.text()


@pytest.mark.parametrize(
    "content",
    ["It is Operation Night", [{"type": "text", "text": "It is Operation"},
                               {"type": "text", "text": "Night"}]],
    ids=["a text", "parts"],
)  # fmt: skip
async def test_an_answer_that_the_client_began_is_not_completed(start: Start, content: Any) -> None:
    gateway = await start([says(*text(" Heron", "."))], **forbidding(HERON))
    begun = [*ASK["messages"], {"role": "assistant", "content": content}]
    goes_on = {"continue_final_message": True, "add_generation_prompt": False}
    chunks = await streamed(gateway, messages=begun, extra_body=goes_on)
    assert "Heron" not in contents(chunks)


async def test_responses(start: Start) -> None:
    stub = says(*text("It is Operation", " Night", " Heron."))
    stub._whole = answers({"content": TOLD})._whole
    gateway = await start([stub], **forbidding(HERON))
    whole = await gateway.client.responses.create(model="stub", input="What is it?")
    assert "Night" not in whole.model_dump_json()
    stream = await gateway.client.responses.create(model="stub", input="What is it?", stream=True)
    assert "Night" not in "".join([event.model_dump_json() async for event in stream])


@pytest.mark.parametrize(
    "data",
    [b"[]", b"{no json", b'{"choices": 3}', b'{"choices": [{}]}', b"\xff\xfe",
     b'{"choices": [{"index": 7, "delta": {}}]}'],
)  # fmt: skip
async def test_an_event_that_cannot_be_read_ends_the_stream(start: Start, data: bytes) -> None:
    stub: Stub = says(*text("One ", "two"))
    stub._events[True].insert(1, b"data: " + data + b"\n\n")
    gateway = await start([stub], **forbidding(HERON))
    async with gateway.session.post(gateway.url + PATH, json=ASK | {"stream": True}) as answer:
        body = await answer.read()
    assert b"upstream_malformed" in body
    assert b"One " in body
    assert b"two" not in body


async def test_a_reply_waits_for_what_was_filed_while_its_gateway_was_paused(start: Start) -> None:
    held = [rules_of()]

    async def catch_up() -> None:
        held[0] = rules_of(HERON)

    def watch(ids: Collection[str]) -> Watch:
        return Watch.of(lambda: held[0], KEY, ids)

    stub = says(*text("It is Operation Night Heron, they say."))
    stub._whole = answers({"content": TOLD})._whole
    gateway = await start([stub], watch=watch, current=catch_up)
    reply = await gateway.client.chat.completions.create(**ASK)
    assert "Night" not in str(reply.choices[0].message.content)
    held[0] = rules_of()
    assert "Night" not in contents(await streamed(gateway))


async def test_nothing_leaves_while_what_was_filed_is_not_known(start: Start) -> None:
    async def lagging() -> None:
        raise NotReady("It is catching up.", code="lagging")

    gateway = await start([says(*text("A bird."))], current=lagging, **forbidding(HERON))
    status, answer = await gateway.post(PATH, ASK)
    assert (status, answer["error"]["code"]) == (503, "lagging")
    async with gateway.session.post(gateway.url + PATH, json=ASK | {"stream": True}) as stream:
        said = await stream.text()
    assert '"lagging"' in said
    assert "bird" not in said
