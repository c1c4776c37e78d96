"""What the tests of answers share: a frame, and checks against the official client's types."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openai.types import responses
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.openai.responses.events import ResponseEvents
from gateway.openai.responses.reply import Frame

FRAME = Frame({"model": "m", "input": "hello", "metadata": {"a": "b"}}, "t", 7)
USAGE = {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}
_EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def checked(response: dict[str, Any]) -> Response:
    """A response as the official client reads it."""
    return responses.Response.model_validate(response)


def chunk(finish: str | None = None, logprobs: Any = None, **delta: Any) -> dict[str, Any]:
    """A chunk of a chat's stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": [choice]}


def call(index: int, arguments: str, **names: str) -> dict[str, Any]:
    """A piece of a call."""
    function = {"arguments": arguments} | ({"name": names["name"]} if "name" in names else {})
    return {"index": index, "type": "function", "function": function} | (
        {"id": names["id"]} if "id" in names else {}
    )


def streamed(chunks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """All events for the chunks of a stream, each checked to be one of the official client's."""
    response = ResponseEvents(FRAME)
    events = [*response.begin(), *(e for one in chunks for e in response.feed(one))]
    events += response.end()
    for number, event in enumerate(events):
        assert event["sequence_number"] == number
        assert _EVENT.validate_python(event).type == event["type"]
    return events


def kinds(events: Iterable[dict[str, Any]]) -> list[str]:
    """What happened, without the beginning that all have."""
    return [event["type"].removeprefix("response.") for event in events][2:]
