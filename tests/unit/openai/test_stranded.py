"""Streams of which a structure and the bans left no token."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.sse import DONE, EventReader, event
from gateway.openai.stranded import FilteredEnd

ERROR = event({"error": {"message": "Internal server error", "code": 500}})


def chunk(index: int, text: str = "x", finish: str | None = None) -> bytes:
    choice = {"index": index, "delta": {"content": text}, "finish_reason": finish}
    return event({"id": "a", "model": "m", "choices": [choice]})


def contents(stream: bytes) -> list[dict[str, Any]]:
    lines = [line for line in stream.split(b"\n\n") if line]
    return [orjson.loads(line[6:]) for line in lines if line != b"data: [DONE]"]


def fed(end: FilteredEnd, block: bytes) -> bytes:
    """What becomes of a block of whole events."""
    return b"".join(end.feed(*each)[0] for each in EventReader().feed(block))


def test_open_choices_end_as_filtered() -> None:
    end = FilteredEnd(4)
    before = chunk(0) + chunk(1) + chunk(2, finish="stop")
    assert fed(end, before) == before
    after = fed(end, ERROR + DONE)
    (last,) = contents(after)
    assert (last["id"], last["model"]) == ("a", "m")
    ended = {choice["index"]: choice["finish_reason"] for choice in last["choices"]}
    # Also the one that has not begun.
    assert ended == dict.fromkeys((0, 1, 3), "content_filter")
    assert not any(choice["delta"] for choice in last["choices"])
    assert after.endswith(DONE)


def test_completions_end_with_an_empty_text() -> None:
    end = FilteredEnd(1)
    fed(end, event({"id": "a", "choices": [{"index": 0, "text": "x", "finish_reason": None}]}))
    (last,) = contents(fed(end, ERROR))
    assert last["choices"][0]["text"] == ""


def test_an_error_with_nothing_open_stays_an_error() -> None:
    assert fed(FilteredEnd(1), ERROR) == ERROR
    end = FilteredEnd(1)
    fed(end, chunk(0, finish="stop"))
    assert fed(end, ERROR) == ERROR


@given(st.lists(st.sampled_from([chunk(0), chunk(1), b": ping\n\n", b"data: {no json\n\n", DONE])))
def test_everything_else_passes_to_the_byte(blocks: list[bytes]) -> None:
    end = FilteredEnd(1)
    assert b"".join(fed(end, block) for block in blocks) == b"".join(blocks)
