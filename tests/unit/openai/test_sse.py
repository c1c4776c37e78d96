"""Relaying events whole, however they arrive."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamFailed
from gateway.openai.sse import DONE, WholeEvents, contents, event

EVENTS = st.lists(
    st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=8
)
ENDS = st.sampled_from([b"\n\n", b"\r\n\r\n"])


@given(st.dictionaries(st.text(), st.text() | st.integers(-9, 9)))
def test_an_event_is_one_line_of_json(content: dict[str, str | int]) -> None:
    written = event(content)
    assert written.startswith(b"data: ")
    assert written.endswith(b"\n\n")
    assert written.count(b"\n") == 2
    assert orjson.loads(written[6:]) == content


@given(EVENTS, ENDS, st.data())
def test_only_whole_events_pass_and_nothing_is_lost(
    contents: list[dict[str, str]], end: bytes, data: st.DataObject
) -> None:
    stream = b"".join(b"data: " + orjson.dumps(c) + end for c in contents) + DONE
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    whole, out = WholeEvents(), b""
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        block = whole.feed(stream[start:stop])
        assert not block or block.endswith((b"\n\n", b"\r\n\r\n"))
        out += block
    assert out == stream
    assert whole.done


@given(st.integers(1, len(DONE) - 1))
def test_a_cut_end_is_no_end(kept: int) -> None:
    whole = WholeEvents()
    assert whole.feed(b"data: {}\n\n" + DONE[:kept]) == b"data: {}\n\n"
    assert not whole.done


def test_without_done_a_stream_is_not_done() -> None:
    whole = WholeEvents()
    assert not whole.done
    whole.feed(b'data: {"text": "[DONE]"}\n\n')
    assert not whole.done


def test_a_giant_event_is_given_up() -> None:
    whole = WholeEvents()
    whole.feed(b"x" * 2**24)
    with pytest.raises(UpstreamFailed):
        whole.feed(b"x")


def test_what_a_block_of_events_carries() -> None:
    block = event({"a": 1}) + event({"b": 2}, "name").replace(b"\n", b"\r\n") + b": note\n\n"
    assert list(contents(block + b"data: [DONE]\n\ndata: {\n\ndata: 3\n\n")) == [{"a": 1}, {"b": 2}]
