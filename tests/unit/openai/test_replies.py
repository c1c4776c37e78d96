"""A refusal looks like a reply of vLLM, field by field."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.openai.choices import choice_of
from gateway.openai.fields import Route
from gateway.openai.options import Options, options_of
from gateway.openai.replies import Refusal
from gateway.openai.sse import DONE

PIECES = ["I", " do", " not", " know."]


def options(route: Route = Route.CHAT, **fields: Any) -> Options:
    return options_of(fields, chat=route is Route.CHAT)


def refusal(route: Route = Route.CHAT, **fields: Any) -> Refusal:
    wanted = options(route, **fields)
    return Refusal(
        route=route,
        model="m",
        request_id="abc",
        system_fingerprint=None,
        prompt_tokens=3,
        choices=(choice_of(PIECES, wanted),) * wanted.n,
        options=wanted,
    )


async def chunks(reply: Refusal) -> list[dict[str, Any]]:
    blocks = [block async for block in reply.events()]
    assert blocks[-1] == DONE
    return [orjson.loads(block.removeprefix(b"data: ")) for block in blocks[:-1]]


def shape(value: Any) -> Any:
    """Keys in their order, at every depth; values do not matter."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    return [shape(inner) for inner in value] if isinstance(value, list) else None


@pytest.mark.parametrize(("route", "name"), [(Route.CHAT, "chat"), (Route.COMPLETIONS, "text")])
def test_a_whole_reply_has_the_fields_of_vllm(
    route: Route, name: str, vllm_protocol: dict[str, Any]
) -> None:
    reply = orjson.loads(refusal(route).body())
    assert shape(reply) == shape(vllm_protocol["samples"][name])


async def test_a_streamed_chat_has_the_events_of_vllm(vllm_protocol: dict[str, Any]) -> None:
    first, *said, last, usage = await chunks(
        refusal(stream=True, stream_options={"include_usage": True})
    )
    expected = [shape(chunk) for chunk in vllm_protocol["samples"]["chat_stream"]]
    assert [shape(first), shape(said[0]), shape(last), shape(usage)] == expected
    assert "".join(c["choices"][0]["delta"]["content"] for c in said) == "I do not know."
    assert usage["usage"] == {"prompt_tokens": 3, "total_tokens": 8, "completion_tokens": 5}


async def test_a_streamed_completion_has_the_events_of_vllm(vllm_protocol: dict[str, Any]) -> None:
    *said, last = await chunks(refusal(Route.COMPLETIONS, stream=True))
    expected = [shape(chunk) for chunk in vllm_protocol["samples"]["text_stream"]]
    assert [shape(said[0]), shape(last)] == expected


def test_usage_counts_all_choices_and_the_end_markers() -> None:
    usage = orjson.loads(refusal(n=2).body())["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (
        3,
        10,
        13,
    )


@pytest.mark.parametrize(
    ("fields", "text", "tokens", "finish", "stop"),
    [
        ({}, "I do not know.", 5, "stop", None),
        ({"max_tokens": 5}, "I do not know.", 5, "stop", None),
        ({"max_tokens": 4}, "I do not know.", 4, "length", None),
        ({"max_tokens": 2}, "I do", 2, "length", None),
        ({"max_tokens": 9, "max_completion_tokens": 1}, "I", 1, "length", None),
        ({"stop": " not"}, "I do", 3, "stop", " not"),
        ({"stop": [" not", "I"]}, "", 1, "stop", "I"),
        ({"stop": " not", "include_stop_str_in_output": True}, "I do not", 3, "stop", " not"),
        ({"stop": "know", "max_tokens": 2}, "I do", 2, "length", None),
        ({"stop": "absent"}, "I do not know.", 5, "stop", None),
    ],
)
def test_limits_and_stops_cut_as_the_engine_would(
    fields: dict[str, Any], text: str, tokens: int, finish: str, stop: str | None
) -> None:
    choice = choice_of(PIECES, options(**fields))
    assert (choice.text, choice.tokens, choice.finish_reason, choice.stop_reason) == (
        text, tokens, finish, stop,
    )  # fmt: skip


def test_a_completion_without_a_limit_ends_after_16_tokens() -> None:
    choice = choice_of(["x"] * 40, options(Route.COMPLETIONS))
    assert (choice.tokens, choice.finish_reason) == (16, "length")


async def test_structured_output_is_refused_in_its_own_field() -> None:
    wanted: dict[str, Any] = {"response_format": {"type": "json_object"}}
    message = orjson.loads(refusal(**wanted).body())["choices"][0]["message"]
    assert (message["content"], message["refusal"]) == (None, "I do not know.")
    _, *said = await chunks(refusal(stream=True, **wanted))
    assert "".join(c["choices"][0]["delta"]["refusal"] for c in said) == "I do not know."


async def test_every_streamed_choice_begins_and_ends_once() -> None:
    events = await chunks(refusal(n=3, stream=True))
    choices = [chunk["choices"][0] for chunk in events]
    assert [c["index"] for c in choices if c["delta"].get("role")] == [0, 1, 2]
    assert [c["index"] for c in choices if c["finish_reason"]] == [0, 1, 2]


async def test_usage_can_be_told_all_along() -> None:
    events = await chunks(
        refusal(stream=True, stream_options={"include_usage": True, "continuous_usage_stats": True})
    )
    told = [chunk["usage"]["completion_tokens"] for chunk in events]
    assert told == [0, 1, 2, 3, 4, 5, 5]
