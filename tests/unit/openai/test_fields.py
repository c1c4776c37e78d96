"""The field table: one test per row and route, and that the table is complete."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types import completion_create_params as text
from openai.types.chat import completion_create_params as chat

from gateway.errors import InvalidRequest
from gateway.openai.fields import BY_ROUTE, FIELDS, Field, Handling, Route
from gateway.openai.prepare import Prepared, prepare

ROWS = [(route, row) for row in FIELDS for route in sorted(row.routes)]
BASE: dict[Route, dict[str, Any]] = {
    Route.CHAT: {"model": "m", "messages": [{"role": "user", "content": "hello"}]},
    Route.COMPLETIONS: {"model": "m", "prompt": "hello"},
}
MARK = "Zephyrine"
TOOL = {"type": "function", "function": {"name": "f", "description": MARK}}
# Values that the engine would take; any other field gets 1.
VALID: dict[str, Any] = {
    "model": "m",
    "n": 2,
    "seed": 7,
    "max_tokens": 5,
    "max_completion_tokens": 5,
    "stop": ["x"],
    "stream_options": {"include_usage": True},
    "repetition_detection": {"max_pattern_size": 2, "min_count": 3},
    "stop_token_ids": [1],
    "allowed_token_ids": [1],
    "bad_words": ["x"],
    "logit_bias": {"7": -100},
    "truncation_side": "left",
    "priority": 0,
    "session_id": "s",
    "user": "u",
    "reasoning_effort": "low",
    **dict.fromkeys(
        ("stream", "watermarking", "ignore_eos", "include_stop_str_in_output", "logprobs",
         "skip_special_tokens", "spaces_between_special_tokens", "add_special_tokens",
         "parallel_tool_calls", "include_reasoning", "add_generation_prompt",
         "continue_final_message"),
        True,
    ),
}  # fmt: skip
BESIDE: dict[str, dict[str, Any]] = {
    "stream_options": {"stream": True},
    "top_logprobs": {"logprobs": True},
    "tool_choice": {"tools": [TOOL]},
}
SCREENED: dict[str, Any] = {
    "messages": [{"role": "user", "content": MARK}],
    "prompt": MARK,
    "suffix": MARK,
    "tools": [TOOL],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {
        "type": "json_schema", "json_schema": {"name": "s", "schema": {"const": MARK}}
    },
    "structured_outputs": {"choice": [MARK]},
}  # fmt: skip
REWRITTEN: dict[str, tuple[Any, Any]] = {
    "vllm_xargs": ({"mine": 1}, {"mine": 1}),
    "chat_template_kwargs": ({"enable_thinking": False}, {"enable_thinking": False}),
    "modalities": (["text"], None),
    "best_of": (1, None),
}


def run(route: Route, **fields: Any) -> Prepared:
    return prepare(route, {**BASE[route], **fields}, b"salt key")


def name_of(value: object) -> str:
    return value.name if isinstance(value, Field) else str(value)


@pytest.mark.parametrize(("route", "row"), ROWS, ids=name_of)
def test_row(route: Route, row: Field) -> None:
    assert row.why
    match row.handling:
        case Handling.PASS:
            value = VALID.get(row.name, 1)
            if (row.name, route) == ("logprobs", Route.COMPLETIONS):
                value = 5
            fields = {row.name: value, **BESIDE.get(row.name, {})}
            assert run(route, **fields).body[row.name] == value
            if row.name != "model":
                assert row.name not in run(route, **{row.name: None}).body
        case Handling.SCREEN:
            fields = {row.name: SCREENED[row.name], **BESIDE.get(row.name, {})}
            prepared = run(route, **fields)
            assert prepared.body[row.name] == SCREENED[row.name]
            said = "\n".join(m.text for c in prepared.conversations for m in c.messages)
            assert MARK in said
        case Handling.REWRITE:
            given, travels = REWRITTEN.get(row.name, ("a value", None))
            body = run(route, **{row.name: given}).body
            if row.name == "cache_salt":
                assert body["cache_salt"] not in ("", given)
            else:
                assert body.get(row.name) == travels
        case Handling.REFUSE:
            for used in (True, 1, "text", ["text"], {"key": "text"}):
                with pytest.raises(InvalidRequest) as caught:
                    run(route, **{row.name: used})
                assert caught.value.param == row.name
            empty: tuple[Any, ...] = (None, False, "", [], {})
            for unused in empty:
                assert row.name not in run(route, **{row.name: unused}).body


@pytest.mark.parametrize("route", Route)
def test_no_field_stands_twice(route: Route) -> None:
    assert len(BY_ROUTE[route]) == sum(route in row.routes for row in FIELDS)


@pytest.mark.parametrize("route", Route)
def test_unknown_fields_are_refused_by_name(route: Route) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run(route, surprise=1)
    assert caught.value.param == "surprise"
    assert "surprise" not in run(route, surprise=None).body


@pytest.mark.parametrize("route", Route)
def test_every_field_of_vllm_stands_in_the_table(
    route: Route, vllm_protocol: dict[str, Any]
) -> None:
    assert set(vllm_protocol["fields"][route]) <= BY_ROUTE[route].keys()


def test_every_field_of_openai_stands_in_the_table() -> None:
    params = chat.CompletionCreateParamsBase.__annotations__
    assert params.keys() <= BY_ROUTE[Route.CHAT].keys()
    params = text.CompletionCreateParamsBase.__annotations__
    assert params.keys() <= BY_ROUTE[Route.COMPLETIONS].keys()
