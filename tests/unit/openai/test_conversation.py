"""Everything that a template may render is part of the conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.openai.conversation import ROLES, conversation_of, prompts_of

SECRET = "Zephyrine Holt"


def said(*messages: dict[str, Any], **fields: Any) -> str:
    conversation = conversation_of({"messages": list(messages), **fields})
    return "\n".join(message.text for message in conversation.messages)


def call(**function: Any) -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": "f", **function}}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_heard(role: str) -> None:
    conversation = conversation_of({"messages": [{"role": role, "content": SECRET}]})
    assert [(m.role, m.text) for m in conversation.messages] == [(role, SECRET)]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "text", "text": SECRET}]},
        {"role": "user", "content": [SECRET]},
        {"role": "user", "content": [{"type": "input_text", "text": SECRET}]},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": SECRET}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": SECRET}]},
        {"role": "assistant", "content": None, "refusal": SECRET},
        {"role": "assistant", "content": "", "reasoning": SECRET},
        {"role": "assistant", "reasoning_content": SECRET},
        {"role": "user", "content": "", "name": SECRET},
        {"role": "assistant", "tool_calls": [call(arguments=json.dumps({"who": SECRET}))]},
        {"role": "assistant", "tool_calls": [call(arguments={"who": SECRET})]},
        {"role": "assistant", "tool_calls": [call(name=SECRET)]},
        {"role": "assistant", "tool_calls": [{"id": SECRET, "type": "function"}]},
        {"role": "assistant", "function_call": {"name": "f", "arguments": SECRET}},
        {"role": "tool", "tool_call_id": "call_1", "content": SECRET},
        {"role": "tool", "tool_call_id": SECRET, "content": ""},
        {"role": "developer", "content": "", "tools": [call(description=SECRET)]},
    ],
)
def test_no_place_is_overlooked(message: dict[str, Any]) -> None:
    assert SECRET in said(message)


def test_escapes_inside_encoded_arguments_are_resolved() -> None:
    arguments = '{"who": "\\u005aephyrine\\u0020Holt"}'
    assert SECRET in said({"role": "assistant", "tool_calls": [call(arguments=arguments)]})


def test_a_word_split_over_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "Who is Zephy"}, {"type": "text", "text": "rine Holt?"}]
    assert SECRET in said({"role": "user", "content": parts})


TOOLS = [{"type": "function", "function": {"name": "f", "description": SECRET}}]


@pytest.mark.parametrize(
    ("roles", "heard"),
    [
        ("user", "user system!"),
        ("system user", "system user system!"),
        ("user assistant", "user system! assistant"),
        ("user assistant user", "user assistant user system!"),
        ("user assistant tool", "user assistant tool system!"),
        ("user assistant tool assistant", "user assistant tool system! assistant"),
        ("assistant", "system! assistant"),
    ],
)
def test_tools_belong_to_the_current_turn(roles: str, heard: str) -> None:
    messages = [{"role": role, "content": f"{i}"} for i, role in enumerate(roles.split())]
    conversation = conversation_of({"messages": messages, "tools": TOOLS})
    told = [m.role + "!" * (SECRET in m.text) for m in conversation.messages]
    assert " ".join(told) == heard
    for i, message in enumerate(conversation.messages[: heard.split().index("system!")]):
        assert message.text == f"{i}", "the client's messages keep their index"
    completion = prompts_of({"prompt": "a", "structured_outputs": {"regex": SECRET}})
    assert [m.role for m in completion[0].messages] == ["user", "system"]


def test_ids_say_nothing() -> None:
    message = {"role": "tool", "tool_call_id": "call_9aB", "content": "42"}
    assert said(message) == "42"


def test_what_no_template_renders_is_left_out() -> None:
    message = {
        "role": "assistant", "content": "hi", "audio": None, "function_call": None,
        "annotations": [{"type": "url_citation"}],
    }  # fmt: skip
    body = {"messages": [message]}
    conversation_of(body)
    assert body["messages"] == [{"role": "assistant", "content": "hi", "function_call": None}]


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (None, "messages"),
        ([], "messages"),
        ({}, "messages"),
        (["hi"], "messages[0]"),
        ([{"content": "hi"}], "messages[0].role"),
        ([{"role": "wizard", "content": "hi"}], "messages[0].role"),
        ([{"role": ["user"], "content": "hi"}], "messages[0].role"),
        ([{"role": "user", "content": 1}], "messages[0].content"),
        ([{"role": "user", "content": {}}], "messages[0].content"),
        ([{"role": "user", "content": "a"}, {"role": "user", "content": [1]}],
         "messages[1].content[0]"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages[0].content[0].text"),
        ([{"role": "user", "content": [{"text": "hi"}]}], "messages[0].content[0]"),
        ([{"role": "user", "content": [{"type": "text", "text": "a", "more": "b"}]}],
         "messages[0].content[0].more"),
        ([{"role": "user", "content": [{"type": "thinking", "thinking": "a", "closed": "b"}]}],
         "messages[0].content[0].closed"),
        ([{"role": "user", "content": "a", "name": ["b"]}], "messages[0].name"),
        ([{"role": "user", "content": "a", "task": "b"}], "messages[0].task"),
        ([{"role": "assistant", "tool_calls": "x"}], "messages[0].tool_calls"),
        ([{"role": "assistant", "tool_calls": ["x"]}], "messages[0].tool_calls"),
        ([{"role": "tool", "tool_call_id": 1, "content": "a"}], "messages[0].tool_call_id"),
        ([{"author": {"role": "user"}, "content": "a"}], "messages[0].author"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named(messages: Any, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        conversation_of({"messages": messages})
    assert caught.value.param == param


@pytest.mark.parametrize(
    "kind", ["image_url", "input_audio", "video_url", "file", "image_embeds", "prompt_embeds", None]
)
def test_what_is_no_text_is_refused(kind: str | None) -> None:
    part = {"type": kind, str(kind): {"url": "data:,"}}
    with pytest.raises(InvalidRequest) as caught:
        conversation_of({"messages": [{"role": "user", "content": [part]}]})
    assert caught.value.param == "messages[0].content[0]"


def test_a_suffix_belongs_to_every_prompt() -> None:
    conversations = prompts_of({"prompt": ["a", "b"], "suffix": SECRET})
    assert [c.messages[0].text for c in conversations] == [f"a\n{SECRET}", f"b\n{SECRET}"]
