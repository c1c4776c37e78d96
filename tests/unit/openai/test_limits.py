"""Small bodies must not cost much: what there may be many of is counted."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest

from gateway.errors import InvalidRequest
from gateway.openai.choices import choice_of
from gateway.openai.fields import Route
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.voice import WORDINGS
from gateway.openai.voice.keyed import digest, pick

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
TEXT: dict[str, Any] = {"model": "m", "prompt": "hello"}


def ready(body: dict[str, Any]) -> Prepared:
    return prepare(Route.CHAT if "messages" in body else Route.COMPLETIONS, body, b"key")


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def called(count: int) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "x" * 8}}]
            * count}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (CHAT | {"stop": ["x"] * 5}, "stop"),
        (TEXT | {"stop": [f"{i}" for i in range(4_000)]}, "stop"),
        (TEXT | {"prompt": ["a"] * 129}, "prompt"),
        (TEXT | {"prompt": ["a"] * 65, "n": 2}, "n"),
        (CHAT | {"n": 129}, "n"),
        (CHAT | {"messages": [user("")] * 2_001}, "messages"),
        (CHAT | {"messages": [user(["a"] * 2_001)]}, "messages[0].content"),
        (CHAT | {"messages": [user(["a. "] * 1_001)] * 2}, "messages[1].content"),
        (CHAT | {"messages": [called(10_001)]}, "messages[0].tool_calls"),
        (CHAT | {"structured_outputs": {"choice": ["a"] * 20_001}}, "structured_outputs"),
        (TEXT | {"prompt": ["a"] * 100, "suffix": "x" * 30_000}, "prompt"),
        (TEXT | {"prompt": ["a"] * 100, "structured_outputs": {"regex": "x" * 30_000}}, "prompt"),
    ],
)
def test_too_many_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ready(body)
    assert caught.value.param == param
    assert "most" in caught.value.message or "too" in caught.value.message


@pytest.mark.parametrize(
    "body",
    [
        CHAT | {"stop": ["x"] * 4, "n": 128},
        TEXT | {"prompt": ["a"] * 64, "n": 2},
        CHAT | {"messages": [user("hi")] * 2_000},
        CHAT | {"messages": [user([{"type": "text", "text": "One sentence. "}] * 2_000)]},
        TEXT | {"suffix": "x" * 3_000_000},
    ],
)
def test_what_is_just_allowed(body: dict[str, Any]) -> None:
    ready(body)


@pytest.mark.parametrize(
    "body",
    [
        CHAT | {"messages": [user(["a"] * 2_000_000)]},
        CHAT | {"messages": [user("")] * 250_000},
        CHAT | {"structured_outputs": {"choice": ["a"] * 1_000_000}},
        CHAT | {"messages": [user(["ab" * 50] * 2_000)]},
    ],
)
def test_hostile_bodies_are_refused_quickly(body: dict[str, Any]) -> None:
    parsed = orjson.loads(orjson.dumps(body))
    began = time.process_time()
    with pytest.raises(InvalidRequest):
        ready(parsed)
    assert time.process_time() - began < 1


def test_a_long_conversation_is_read_once_for_all_choices() -> None:
    prepared = ready(CHAT | {"messages": [user("word " * 400_000)], "n": 128, "stop": ["x"] * 4})
    began = time.process_time()
    said = digest(b"key", prepared.conversations[0])
    for index in range(prepared.options.n):
        choice_of([pick(WORDINGS, said, None, index)], prepared.options)
    assert time.process_time() - began < 0.5
