"""From a chat's answer to a response."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UpstreamFailed
from gateway.openai.responses.reply import Frame, reply_of
from tests.unit.openai.responses.support import FRAME, USAGE, checked


def completion(
    finish: str = "stop", usage: Any = USAGE, logprobs: Any = None, **said: Any
) -> dict[str, Any]:
    message = {"role": "assistant", "content": None, "refusal": None, "reasoning": None, **said}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": logprobs}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "usage": usage}


def test_a_text() -> None:
    reply = reply_of(FRAME, completion(content="Hello"))
    assert (reply["id"], reply["created_at"], reply["object"]) == ("resp_t", 7, "response")
    assert reply["store"] is False
    assert reply["usage"]["total_tokens"] == 9
    response = checked(reply)
    assert (response.status, response.output_text) == ("completed", "Hello")
    assert (response.model, response.metadata) == ("m", {"a": "b"})
    assert (response.error, response.incomplete_details) == (None, None)


def test_reasoning_text_and_calls_in_the_order_of_a_stream() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    reply = reply_of(
        FRAME, completion("tool_calls", reasoning="Hm", content="One moment.", tool_calls=[call])
    )
    checked(reply)
    reasoning, message, called = reply["output"]
    assert reasoning["content"] == [{"type": "reasoning_text", "text": "Hm"}]
    assert message["content"][0]["text"] == "One moment."
    assert (called["call_id"], called["name"], called["arguments"]) == ("c1", "f", "{}")


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_what_breaks_off_is_incomplete(finish: str, reason: str) -> None:
    reply = reply_of(FRAME, completion(finish, content="Hel"))
    assert (reply["status"], reply["output"][0]["status"]) == ("incomplete", "incomplete")
    assert reply["incomplete_details"] == {"reason": reason}
    checked(reply)


def test_nothing_said_is_no_item() -> None:
    assert checked(reply_of(FRAME, completion("content_filter"))).output == []


def test_log_probabilities_and_a_refusal() -> None:
    told = {"token": "a", "logprob": -0.5, "bytes": None,
            "top_logprobs": [{"token": "b", "logprob": -1.0, "bytes": None}]}  # fmt: skip
    reply = reply_of(FRAME, completion(content="a", logprobs={"content": [told]}))
    checked(reply)
    assert reply["output"][0]["content"][0]["logprobs"][0]["top_logprobs"][0]["token"] == "b"
    reply = reply_of(FRAME, completion(refusal="no"))
    assert reply["output"][0]["content"] == [{"type": "refusal", "refusal": "no"}]


def test_usage_in_detail() -> None:
    usage = {
        **USAGE,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    reply = reply_of(FRAME, completion(usage=usage, content="x"))["usage"]
    assert reply["input_tokens_details"]["cached_tokens"] == 3
    assert reply["output_tokens_details"]["reasoning_tokens"] == 2


def test_the_request_is_repeated() -> None:
    asked = {
        "model": "m", "instructions": "Be brief.", "temperature": 0, "max_output_tokens": 5,
        "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": True}],
        "tool_choice": {"type": "function", "name": "f"}, "parallel_tool_calls": False,
        "text": {"format": {"type": "json_object"}}, "reasoning": {"effort": "low"},
        "user": "u", "top_p": 0.5, "top_logprobs": 2,
    }  # fmt: skip
    reply = reply_of(Frame(asked, "t", 7), completion(content="x"))
    checked(reply)
    assert asked.items() <= reply.items()


def test_an_answer_without_a_choice_is_none() -> None:
    with pytest.raises(UpstreamFailed):
        reply_of(FRAME, {"choices": []})
