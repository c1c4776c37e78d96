"""From the chunks of a chat's stream to the events of a response."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.openai.responses.reply import reply_of
from tests.unit.openai.responses.support import (
    FRAME,
    USAGE,
    call,
    checked,
    chunk,
    kinds,
    streamed,
)

START = chunk(role="assistant", content="")
LOGPROB = {"token": "a", "logprob": -0.5, "bytes": [97],
           "top_logprobs": [{"token": "b", "logprob": -1.0, "bytes": [98]}]}  # fmt: skip


def test_a_text() -> None:
    events = streamed(
        [
            START,
            chunk(content="Hel"),
            chunk(content="lo"),
            chunk("stop", content=""),
            {"choices": [], "usage": USAGE},
        ]
    )
    assert kinds(events) == [
        "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    assert events[0]["response"]["status"] == events[1]["response"]["status"] == "in_progress"
    assert events[2]["item"]["content"] == []
    response = checked(events[-1]["response"])
    assert (response.status, response.output_text) == ("completed", "Hello")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (4, 5)
    ids = {e["item_id"] for e in events if "item_id" in e}
    assert ids == {response.output[0].id}


def test_reasoning_then_text_then_calls_side_by_side() -> None:
    events = streamed(
        [
            START,
            chunk(reasoning="Hm"),
            chunk(content="One moment."),
            chunk(tool_calls=[call(0, "", id="c0", name="f")]),
            chunk(tool_calls=[call(1, "[", id="c1", name="g"), call(0, "{}")]),
            chunk("tool_calls", tool_calls=[call(1, "]")]),
        ]
    )
    assert kinds(events) == [
        "output_item.added", "content_part.added", "reasoning_text.delta",
        "reasoning_text.done", "content_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done",
        "output_item.added",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done", "output_item.done",
        "function_call_arguments.done", "output_item.done",
        "completed",
    ]  # fmt: skip
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == [
        "reasoning", "message", "function_call", "function_call",
    ]  # fmt: skip
    assert [(c["call_id"], c["name"], c["arguments"]) for c in output[2:]] == [
        ("c0", "f", "{}"), ("c1", "g", "[]"),
    ]  # fmt: skip
    assert len({item["id"] for item in output}) == 4


def test_a_refusal_is_a_part_of_its_own() -> None:
    events = streamed([START, chunk(refusal="I don't"), chunk("stop", refusal=" know.")])
    assert kinds(events)[2:6] == [
        "refusal.delta", "refusal.delta", "refusal.done", "content_part.done",
    ]  # fmt: skip
    part = events[-1]["response"]["output"][0]["content"][0]
    assert part == {"type": "refusal", "refusal": "I don't know."}


def test_log_probabilities_travel_with_their_text() -> None:
    logprobs = {"content": [LOGPROB]}
    events = streamed([START, chunk(content="a", logprobs=logprobs),
                       chunk("stop", content="", logprobs=logprobs)])  # fmt: skip
    deltas = [e for e in events if e["type"] == "response.output_text.delta"]
    assert [delta["logprobs"] for delta in deltas] == [[LOGPROB], [LOGPROB]]
    part = events[-1]["response"]["output"][0]["content"][0]
    assert part["logprobs"] == [LOGPROB, LOGPROB]


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
def test_a_text_that_breaks_off_is_incomplete(finish: str, reason: str) -> None:
    events = streamed([START, chunk(finish, content="Hel")])
    assert kinds(events)[-1] == "incomplete"
    response = checked(events[-1]["response"])
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == reason
    assert events[-1]["response"]["output"][0]["status"] == "incomplete"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("upstream_error", "server_error"), ("invalid_request_error", "invalid_prompt")],
)
def test_an_error_fails_the_response_and_nothing_follows(kind: str, code: str) -> None:
    error = {"error": {"message": "It broke off.", "type": kind, "param": None, "code": None}}
    events = streamed([START, chunk(content="Hel"), error, chunk(content="lo"), error])
    assert kinds(events)[-2:] == ["output_text.delta", "failed"]
    response = checked(events[-1]["response"])
    assert response.error is not None
    assert (response.error.code, response.error.message) == (code, "It broke off.")
    assert response.output_text == "Hel"
    assert events[-1]["response"]["output"][0]["status"] == "incomplete"


TEXT = st.text(min_size=1, max_size=3)
DELTA = st.one_of(
    st.fixed_dictionaries({"reasoning": TEXT}),
    st.fixed_dictionaries({"content": TEXT}),
    st.fixed_dictionaries({"refusal": TEXT}),
    st.lists(
        st.builds(lambda i, text: call(i, text, id=str(i), name="f"), st.integers(0, 2), TEXT),
        max_size=3,
    ).map(lambda calls: {"tool_calls": calls}),
    st.fixed_dictionaries({}, optional={"reasoning": TEXT, "content": TEXT}),
)


@settings(max_examples=200)
@given(st.lists(DELTA, max_size=12))
def test_whatever_the_order_nothing_is_lost(deltas: list[dict[str, Any]]) -> None:
    events = streamed([*(chunk(**delta) for delta in deltas), chunk("stop")])
    output = events[-1]["response"]["output"]
    checked(events[-1]["response"])
    grown: dict[int, str] = defaultdict(str)
    done = {}
    for event in events:
        if event["type"].endswith(".delta"):
            grown[event["output_index"]] += event["delta"]
        elif event["type"] == "response.output_item.done":
            done[event["output_index"]] = event["item"]
    assert [done[i] for i in range(len(done))] == output
    assert [grown[i] for i in range(len(done))] == [text for _, text in map(said, output)]
    for name in ("reasoning", "content", "refusal"):
        told = "".join(delta.get(name, "") for delta in deltas)
        assert told == "".join(text for kind, text in map(said, output) if kind == name)
    calls = [one for delta in deltas for one in delta.get("tool_calls", ())]
    for number in range(3):  # each call has its own id, so that its pieces are known again
        told = "".join(c["function"]["arguments"] for c in calls if c["index"] == number)
        kept = [item for item in output if item.get("call_id") == str(number)]
        assert told == "".join(item["arguments"] for item in kept)


def said(item: dict[str, Any]) -> tuple[str, str]:
    """The key of the deltas that an item comes from, and what it says."""
    if item["type"] == "function_call":
        return "tool_calls", item["arguments"]
    match item["content"]:
        case [{"type": "reasoning_text", "text": text}]:
            return "reasoning", text
        case [{"type": "output_text", "text": text}]:
            return "content", text
        case [{"type": "refusal", "refusal": text}]:
            return "refusal", text
    raise AssertionError(item)


@settings(max_examples=100)
@given(
    st.none() | TEXT,
    st.none() | TEXT,
    st.lists(st.builds(call, st.just(0), TEXT, id=TEXT, name=TEXT), max_size=3),
    st.sampled_from(["stop", "length", "tool_calls", "content_filter"]),
)
def test_a_stream_ends_as_the_whole_answer_would_be(
    reasoning: str | None, content: str | None, calls: list[dict[str, Any]], finish: str
) -> None:
    message = {"reasoning": reasoning, "content": content, "tool_calls": calls}
    for one in calls:
        del one["index"]  # a whole answer has none
    completion = {"choices": [{"message": message, "finish_reason": finish}], "usage": USAGE}
    chunks = [chunk(reasoning=reasoning), chunk(content=content)]
    chunks += [chunk(tool_calls=[{**one, "index": i}]) for i, one in enumerate(calls)]
    events = streamed([*chunks, chunk(finish), {"choices": [], "usage": USAGE}])
    assert events[-1]["response"] == reply_of(FRAME, completion)
