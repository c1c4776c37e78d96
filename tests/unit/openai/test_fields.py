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
# Values that are valid where the gateway looks at them; any other field gets a plain one.
VALID: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "n": 2,
    "seed": 7,
    "max_tokens": 5,
    "max_completion_tokens": 5,
    "stop": ["x"],
    "include_stop_str_in_output": True,
    "stream_options": {},
}
SCREENED: dict[str, Any] = {
    "messages": [{"role": "user", "content": MARK}],
    "prompt": MARK,
    "suffix": MARK,
    "tools": [{"type": "function", "function": {"name": "f", "description": MARK}}],
    "tool_choice": {"type": "function", "function": {"name": MARK}},
    "response_format": {"type": "json_schema", "json_schema": {"schema": {"const": MARK}}},
    "structured_outputs": {"choice": [MARK]},
}
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
            assert run(route, **{row.name: value}).body[row.name] == value
        case Handling.SCREEN:
            prepared = run(route, **{row.name: SCREENED[row.name]})
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
