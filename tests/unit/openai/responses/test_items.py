"""Input items as the messages of a chat."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.openai.responses.items import messages_of

ASK = {"role": "user", "content": "What is the weather?"}
THOUGHT = {
    "type": "reasoning", "id": "rs_1", "summary": [],
    "content": [{"type": "reasoning_text", "text": "Look it up."}],
}  # fmt: skip
SAID = {
    "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
    "content": [{"type": "output_text", "text": "One moment.", "annotations": [], "logprobs": []}],
}  # fmt: skip
CALL = {
    "type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}",
    "status": "completed",
}  # fmt: skip
RESULT = {"type": "function_call_output", "call_id": "c1", "output": "rain"}
CHAT_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def messages(*items: Any) -> list[dict[str, Any]]:
    return [message for _, message in messages_of(None, list(items))]


def refused(item: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        messages(item)
    return caught.value


def test_a_turn_of_the_assistant_is_one_message() -> None:
    assert messages(ASK, THOUGHT, SAID, CALL, {**CALL, "call_id": "c2"}, RESULT) == [
        ASK,
        {
            "role": "assistant", "reasoning": "Look it up.", "content": "One moment.",
            "tool_calls": [CHAT_CALL, {**CHAT_CALL, "id": "c2"}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [(SAID, SAID), (SAID, THOUGHT), (CALL, SAID)])
def test_what_comes_out_of_order_begins_another_message(first: Any, second: Any) -> None:
    assert len(messages(ASK, first, second)) == 3


def test_a_message_is_named_by_the_item_that_it_began_with() -> None:
    said = messages_of("Be brief.", [ASK, THOUGHT, SAID, ASK])
    assert [path for path, _ in said] == ["instructions", "input[0]", "input[1]", "input[3]"]


def test_parts_stay_parts_and_one_is_a_text() -> None:
    part = {"type": "input_text", "text": "a"}
    assert messages({"role": "user", "content": [part]}) == [{"role": "user", "content": "a"}]
    two = messages({"role": "user", "content": [part, {**part, "text": "b"}]})
    assert two[0]["content"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert messages({**RESULT, "output": [part]})[0]["content"] == "a"
    refusal = {"type": "refusal", "refusal": "no"}
    assert messages({"role": "assistant", "content": [refusal]})[0]["content"] == "no"


def test_a_summary_stands_in_for_reasoning_that_is_not_told() -> None:
    summary = [{"type": "summary_text", "text": "Looked."}]
    assert messages({**THOUGHT, "summary": summary})[0]["reasoning"] == "Look it up."
    assert messages({**THOUGHT, "summary": summary, "content": None})[0]["reasoning"] == "Looked."
    assert messages(ASK, {**THOUGHT, "content": []}) == [ASK]


@pytest.mark.parametrize(
    ("item", "param"),
    [
        ("text", "input[0]"),
        ({"id": "msg_1"}, "input[0]"),
        ({"type": "item_reference", "id": "msg_1"}, "input[0]"),
        ({"type": "web_search_call", "id": "ws_1"}, "input[0].type"),
        ({"type": ["message"]}, "input[0].type"),
        ({"role": "tool", "content": "x"}, "input[0].role"),
        ({"role": ["user"], "content": "x"}, "input[0].role"),
        ({"role": "user"}, "input[0].content"),
        ({"role": "user", "content": "x", "name": "Ann"}, "input[0].name"),
        (
            {"role": "user", "content": [{"type": "input_image", "image_url": "x"}]},
            "input[0].content[0]",
        ),
        ({**THOUGHT, "encrypted_content": "gAAA"}, "input[0].encrypted_content"),
        ({**THOUGHT, "content": [{"type": "text", "text": "x"}]}, "input[0].content[0]"),
        ({**THOUGHT, "summary": "x"}, "input[0].summary"),
        ({**CALL, "arguments": {}}, "input[0].arguments"),
        ({**CALL, "namespace": "n"}, "input[0].namespace"),
        ({**RESULT, "call_id": None}, "input[0].call_id"),
        ({**RESULT, "output": [{"type": "input_file", "file_id": "x"}]}, "input[0].output[0]"),
    ],
)
def test_what_is_wrong_is_named(item: Any, param: str) -> None:
    error = refused(item)
    assert error.param == param
    assert param.removesuffix(".type") in error.message
