"""Relaying events whole and reading them, however they arrive."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamFailed
from gateway.openai.sse import DONE, EventReader, contents, event


@given(st.dictionaries(st.text(), st.text() | st.integers(-9, 9)))
def test_an_event_is_one_line_of_json(content: dict[str, str | int]) -> None:
    written = event(content)
    assert written.startswith(b"data: ")
    assert written.endswith(b"\n\n")
    assert written.count(b"\n") == 2
    assert orjson.loads(written[6:]) == content


@given(st.integers(1, len(DONE) - 1))
def test_a_cut_end_is_no_end(kept: int) -> None:
    reader = EventReader()
    assert [raw for raw, _ in reader.feed(b"data: {}\n\n" + DONE[:kept])] == [b"data: {}\n\n"]
    assert not reader.done


BOM = b"\xef\xbb\xbf"
PIECES = st.sampled_from(
    [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n", b"data", b"data: ", b"data:", b": ping", b"id: 1",
     b"event: x", b" ", b"{}", b"[DONE]", b"data: {}\n\n", BOM, "é".encode()]
)  # fmt: skip
STREAMS = st.builds(
    bytes.__add__, st.sampled_from([b"", BOM]), st.lists(PIECES, max_size=24).map(b"".join)
)


def cut_up(stream: bytes, data: st.DataObject) -> list[bytes]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    if data.draw(st.booleans()):
        cuts = list(range(len(stream)))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


def data_of(stream: bytes) -> list[bytes]:
    """The data of whole events, line by line as the rules are written."""
    lines = stream.removeprefix(BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    events, values = [], list[bytes]()
    for line in lines[:-1]:  # what follows the last line end is no whole line
        field, _, value = line.partition(b":")
        if field == b"data":
            values.append(value[1:] if value.startswith(b" ") else value)
        elif not line and values:
            events.append(b"\n".join(values))
            values = []
    return events


@given(STREAMS, st.data())
def test_events_are_read_by_the_rules_however_they_arrive(
    stream: bytes, data: st.DataObject
) -> None:
    reader = EventReader()
    events = [event for chunk in cut_up(stream, data) for event in reader.feed(chunk)]
    raw = b"".join(raw for raw, _ in events)
    assert [payload for _, payload in events if payload is not None] == data_of(stream)
    assert stream.startswith(raw)
    assert all(part.endswith((b"\n", b"\r")) for part, _ in events)
    assert data_of(stream[len(raw) :] + b"x") == []


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_are_too_odd_to_be_read(chunks: list[bytes]) -> None:
    reader, stream = EventReader(), b"".join(chunks)
    raw = b"".join(raw for chunk in chunks for raw, _ in reader.feed(chunk))
    assert stream.startswith(raw)


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\ndata:b\n\n", [(b"data: a\n\n", b"a"), (b"data:b\n\n", b"b")]),
        (b": ping\n\n", [(b": ping\n\n", None)]),
        (b"event: x\r\ndata: a\r\n\r\n", [(b"event: x\r\ndata: a\r\n\r\n", b"a")]),
        (b"data: a\rdata\rdata:  b\r\r", [(b"data: a\rdata\rdata:  b\r\r", b"a\n\n b")]),
        (b"\n\ndatum: a\n\n", [(b"\n\n", None), (b"datum: a\n\n", None)]),
        (BOM + b"data: a\n\n", [(BOM + b"data: a\n\n", b"a")]),
        (b"data: a\n", []),
    ],
)
def test_what_an_event_is(stream: bytes, events: list[tuple[bytes, bytes | None]]) -> None:
    assert EventReader().feed(stream) == events


def test_an_event_that_comes_alone_is_not_copied() -> None:
    chunk = event({"text": "Port"})
    [(raw, _)] = EventReader().feed(chunk)
    assert raw is chunk


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
def test_a_stream_that_is_read_is_done_with_its_last_event(end: bytes) -> None:
    reader = EventReader()
    assert not reader.done
    reader.feed(b"data: {}" + end + b"data: [DONE]")
    assert not reader.done
    reader.feed(end)
    assert reader.done
    reader.feed(b"data: {}" + end)
    assert not reader.done


@pytest.mark.parametrize(
    ("held", "more"),
    [(b"x" * 2**24, b"x"), (b"x" * 2**24, b"\n\n"), (b"", b"data: " + b"x" * 2**24 + b"\n\n")],
)
def test_reading_gives_a_giant_event_up(held: bytes, more: bytes) -> None:
    reader = EventReader()
    reader.feed(held)
    with pytest.raises(UpstreamFailed) as failed:
        reader.feed(more)
    assert failed.value.code == "upstream_malformed"


def test_what_a_block_of_events_carries() -> None:
    block = event({"a": 1}) + event({"b": 2}, "name").replace(b"\n", b"\r\n") + b": note\n\n"
    assert list(contents(block + b"data: [DONE]\n\ndata: {\n\ndata: 3\n\n")) == [{"a": 1}, {"b": 2}]
