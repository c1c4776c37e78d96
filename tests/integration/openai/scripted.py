"""An engine that says what it is told to, and a gateway that forbids some of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson

from gateway.bench.stub import Stub
from guards.leak.watch import Watch
from tests.unit.guards.leak.watching import KEY, rules_of

HEAD = {"id": "chatcmpl-1", "created": 0, "model": "stub"}


def says(
    *deltas: Mapping[str, Any], finish: str = "stop", stop: str | None = None, chat: bool = True
) -> Stub:
    """A stub that streams these deltas, of choice 0 unless they name another, and then ends.

    `stop` is the stop string that ended it.
    """
    indexes = sorted({delta.get("index", 0) for delta in deltas})
    ends = ({"index": i, "finish_reason": finish, "stop_reason": stop} for i in indexes)
    pieces = [*map(dict, deltas), *ends]
    events = [_event(piece, chat) for piece in pieces]
    stub = Stub(chunks=2)
    stub._events[chat] = [*events, b"data: [DONE]\n\n"]
    return stub


def text(*pieces: str, index: int = 0) -> list[dict[str, Any]]:
    """The deltas of a text in pieces."""
    return [{"index": index, "content": piece} for piece in pieces]


def answers(*messages: Mapping[str, Any], chat: bool = True) -> Stub:
    """A stub that answers with these messages, one for each choice.

    `logprobs`, `stop_reason` and `finish_reason` go beside them.
    """
    choices = []
    for index, message in enumerate(messages):
        said = {"stop_reason": None, "logprobs": None, "finish_reason": "stop", **message}
        around = {name: said.pop(name) for name in ("stop_reason", "logprobs", "finish_reason")}
        around["index"] = index
        told = {"message": {"role": "assistant", **said}} if chat else {"text": said["content"]}
        choices.append({**around, **told})
    usage = {"prompt_tokens": 9, "completion_tokens": 99, "total_tokens": 108}
    stub = Stub(chunks=2)
    stub._whole[chat] = orjson.dumps({**HEAD, "choices": choices, "usage": usage})
    return stub


def forbidding(*filings: Mapping[str, Any]) -> dict[str, Any]:
    """What is handed to a gateway so that its filter acts on these filings, with ids r0, r1, …"""
    rules = rules_of(*map(dict, filings))

    def watch(ids: Collection[str]) -> Watch:
        return Watch.of(lambda: rules, KEY, ids)

    return {"watch": watch}


def contents(stream: Iterable[Any], index: int = 0) -> str:
    """What one choice of a stream says, of events that the official client has read."""
    return "".join(
        choice.delta.content or ""
        for chunk in stream
        for choice in chunk.choices
        if choice.index == index
    )


def _event(piece: dict[str, Any], chat: bool) -> bytes:
    around = {
        "index": piece.pop("index", 0),
        "logprobs": piece.pop("logprobs", None),
        "finish_reason": piece.pop("finish_reason", None),
        "stop_reason": piece.pop("stop_reason", None),
    }
    said: dict[str, Any] = {"delta": piece} if chat else {"text": piece.get("content", "")}
    return b"data: " + orjson.dumps({**HEAD, "choices": [{**around, **said}]}) + b"\n\n"
