"""What travels upstream, and what is refused on the way."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidRequest
from gateway.openai.fields import Route
from gateway.openai.prepare import prepare, salted

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def refused(route: Route, body: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        prepare(route, body, b"key")
    return caught.value


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_only_objects_are_bodies(body: Any) -> None:
    assert "object" in refused(Route.CHAT, body).message


@pytest.mark.parametrize("model", [None, "", 1, ["m"]])
def test_a_model_must_be_named(model: Any) -> None:
    assert refused(Route.CHAT, {**CHAT, "model": model}).param == "model"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"vllm_xargs": {"lethe_ids": "x"}}, "vllm_xargs.lethe_ids"),
        ({"vllm_xargs": {"LETHE_x": "x"}}, "vllm_xargs.LETHE_x"),
        ({"vllm_xargs": ["lethe_x"]}, "vllm_xargs"),
        ({"chat_template_kwargs": {"documents": ["x"]}}, "chat_template_kwargs.documents"),
        ({"chat_template_kwargs": {"thinking": "x"}}, "chat_template_kwargs.thinking"),
        ({"cache_salt": ""}, "cache_salt"),
        ({"cache_salt": "x" * 1_025}, "cache_salt"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"stream": "true"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"n": True}, "n"),
        ({"n": "2"}, "n"),
        ({"seed": 1.5}, "seed"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": -1}, "max_completion_tokens"),
        ({"stop": [1]}, "stop"),
        ({"stop": {"a": 1}}, "stop"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stream": True, "stream_options": []}, None),
        ({"stream": True, "stream_options": {"include_usage": "yes"}},
         "stream_options.include_usage"),
    ],
)  # fmt: skip
def test_the_field_is_named(fields: dict[str, Any], param: str | None) -> None:
    body = {**CHAT, **fields}
    if param is None:
        param = "stream_options"
    assert refused(Route.CHAT, body).param == param


@pytest.mark.parametrize("prompt", [None, 1, "", [], [1, 2], [[1], [2]], ["a", 1], {}])
def test_prompts_are_texts(prompt: Any) -> None:
    assert refused(Route.COMPLETIONS, {"model": "m", "prompt": prompt}).param == "prompt"


def test_several_prompts_are_several_conversations() -> None:
    prepared = prepare(Route.COMPLETIONS, {"model": "m", "prompt": ["a", "b"]}, b"key")
    assert [c.messages[-1].text for c in prepared.conversations] == ["a", "b"]


def test_a_duplicate_key_travels_once_as_it_was_screened() -> None:
    raw = b'{"model":"m","prompt":"secret","prompt":"harmless"}'
    prepared = prepare(Route.COMPLETIONS, orjson.loads(raw), b"key")
    assert b"secret" not in prepared.upstream_body()
    assert prepared.conversations[0].messages[0].text == "harmless"


def test_deep_nesting_is_an_error_of_the_client() -> None:
    schema: dict[str, Any] = {}
    for _ in range(600):
        schema = {"a": schema}
    body = {**CHAT, "response_format": schema}
    with pytest.raises(InvalidRequest):
        prepare(Route.CHAT, body, b"key").upstream_body()


@given(st.text(min_size=1, max_size=1_024), st.text(min_size=1, max_size=64))
def test_salts_are_valid_for_the_engine_and_apart(one: str, other: str) -> None:
    salt = salted(b"key", one)
    assert 0 < len(salt) <= 128
    assert not set(salt) & set("@/\\\0")
    assert (salt == salted(b"key", other)) == (one == other)
    assert salt != salted(b"another key", one)
    assert salt != salted(b"key", one, b"fingerprint")
    # Salt and fingerprint cannot flow into each other.
    assert salted(b"key", one, other.encode()) != salted(b"key", one + other)
