"""From a Responses request to a chat, field by field."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import response_create_params

from gateway.errors import InvalidRequest
from gateway.openai.fields import Field, Handling, Route
from gateway.openai.prepare import prepare
from gateway.openai.responses.fields import AS_IN_A_CHAT, FIELDS, LOGPROBS
from gateway.openai.responses.request import translate
from tests.unit.openai.test_completeness import JSON, words_in

MARK = "Zephyrine"
FUNCTION = {"type": "function", "name": "f", "description": MARK, "parameters": {}, "strict": True}
# A value, what stands beside it, and what of the chat comes from it.
TRANSLATED: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "max_output_tokens": (5, {}, {"max_completion_tokens": 5}),
    "top_logprobs": (3, {"include": [LOGPROBS]}, {"top_logprobs": 3, "logprobs": True}),
    "input": (MARK, {}, {"messages": [{"role": "user", "content": MARK}]}),
    "instructions": (
        MARK,
        {},
        {"messages": [{"role": "system", "content": MARK}, {"role": "user", "content": "hello"}]},
    ),
    "tools": (
        [FUNCTION],
        {},
        {"tools": [{"type": "function", "function": {
            "name": "f", "description": MARK, "parameters": {}, "strict": True}}]},
    ),
    "tool_choice": (
        {"type": "function", "name": "f"},
        {"tools": [FUNCTION]},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
    ),
    "text": (
        {"format": {"type": "json_schema", "name": "s", "schema": {"const": MARK}},
         "verbosity": "low"},
        {},
        {"response_format": {
            "type": "json_schema", "json_schema": {"name": "s", "schema": {"const": MARK}}}},
    ),
    "reasoning": ({"effort": "low", "summary": "auto"}, {}, {"reasoning_effort": "low"}),
    "include": ([LOGPROBS, "reasoning.encrypted_content"], {}, {"logprobs": True}),
    "stream_options": (
        {"include_obfuscation": False},
        {"stream": True},
        {"stream_options": {"include_usage": True}, "stream": True},
    ),
    "truncation": ("disabled", {}, {}),
    "max_tool_calls": (3, {}, {}),
}  # fmt: skip
OWN = [row for row in FIELDS.values() if row.name not in AS_IN_A_CHAT]


def chat(**fields: Any) -> dict[str, Any]:
    return translate({"model": "m", "input": "hello", **fields}).chat


def refused(**fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        chat(**fields)
    return caught.value


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.name)
def test_row(row: Field) -> None:
    if row.handling is Handling.REFUSE:
        for used in (True, "text", {"id": "x"}):
            assert refused(**{row.name: used}).param == row.name
        empty: tuple[Any, ...] = (False, None, "", {})
        for unused in empty:
            assert chat(**{row.name: unused}) == chat()
        return
    value, beside, becomes = TRANSLATED[row.name]
    translated = chat(**{row.name: value, **beside})
    assert translated == {**chat(), **becomes, **{k: translated[k] for k in beside if k == "tools"}}
    if row.handling is Handling.SCREEN:
        body = {**translated, "model": "m"}
        said = prepare(Route.CHAT, body, b"key").conversations[0].messages
        assert MARK in "\n".join(message.text for message in said)


def test_what_a_chat_knows_goes_on_to_it_untouched() -> None:
    fields = {name: "anything" for name in AS_IN_A_CHAT if FIELDS[name].handling != "refuse"}
    translated = chat(**fields)
    assert fields.items() <= translated.items()


def test_unknown_fields_are_refused_by_name() -> None:
    assert refused(n=2).param == "n"
    assert chat(n=None) == chat()


def test_every_field_of_vllm_and_of_openai_stands_in_the_table(
    vllm_protocol: dict[str, Any],
) -> None:
    assert set(vllm_protocol["fields"]["responses"]) <= FIELDS.keys()
    assert response_create_params.ResponseCreateParamsBase.__annotations__.keys() <= FIELDS.keys()


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"instructions": ["x"]}, "instructions"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "mcp", "server_url": "x"}]}, "tools[0].type"),
        ({"tools": [{**FUNCTION, "output_schema": {}}]}, "tools[0].output_schema"),
        ({"tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []}}, "tool_choice"),
        ({"tool_choice": {"type": "file_search"}}, "tool_choice"),
        ({"text": {"shape": "x"}}, "text.shape"),
        ({"reasoning": {"context": "all_turns"}}, "reasoning.context"),
        ({"include": ["file_search_call.results"]}, "include"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"stream_options": {"include_obfuscation": False}}, "stream_options"),
        (
            {"stream": True, "stream_options": {"include_obfuscation": True}},
            "stream_options.include_obfuscation",
        ),
        ({"truncation": "auto"}, "truncation"),
        ({"max_tool_calls": 0}, "max_tool_calls"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields).param == param


@pytest.mark.parametrize("choice", ["auto", "none"])
def test_no_tools_need_no_choice(choice: str) -> None:
    assert chat(tools=[], tool_choice=choice) == chat()


FIELD = st.sampled_from(sorted(FIELDS)) | st.text(max_size=5)
BODY = st.dictionaries(FIELD, JSON, max_size=6).map(lambda body: {"input": "x", **body})


@settings(max_examples=300)
@given(BODY)
def test_any_body_becomes_a_chat_or_is_refused(body: dict[str, Any]) -> None:
    before = orjson.dumps(body)
    with suppress(InvalidRequest):
        translate(body)
    assert orjson.dumps(body) == before, "the answer repeats what was asked"


TEXT = st.from_regex(r"\A[a-z]{6,9} [a-z]{6,9}\Z")
PARTS = st.lists(
    st.fixed_dictionaries({"type": st.just("input_text"), "text": TEXT}), min_size=1, max_size=3
)
ITEM = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "developer"]), "content": TEXT | PARTS},
        optional={"type": st.just("message")},
    ),
    st.fixed_dictionaries(
        {"type": st.just("reasoning"), "summary": st.just([]), "content": st.lists(
            st.fixed_dictionaries({"type": st.just("reasoning_text"), "text": TEXT}), max_size=2
        )}
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call"), "call_id": TEXT, "name": TEXT, "arguments": TEXT}
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call_output"), "call_id": TEXT, "output": TEXT | PARTS}
    ),
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(ITEM, min_size=1, max_size=8))
def test_every_text_of_the_input_reaches_the_screen(items: list[Any]) -> None:
    translated = translate({"model": "m", "input": items})
    if not translated.chat["messages"]:
        return  # reasoning without any text
    assert len(translated.origins) == len(translated.chat["messages"])
    prepared = prepare(Route.CHAT, translated.chat, b"key")
    said = "\n".join(message.text for message in prepared.conversations[0].messages)
    for text in words_in(items):
        assert text in said
