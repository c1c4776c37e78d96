"""Server-sent events: writing them, relaying them whole, and reading them."""

from __future__ import annotations

import re
from typing import Any

import orjson

from gateway.errors import UpstreamFailed

DONE = b"data: [DONE]\n\n"
_LARGEST_EVENT = 16 * 2**20
_ENDS = (b"\n\n", b"\r\n\r\n")
_DONE_LINE = b"data: [DONE]"
_BOM = b"\xef\xbb\xbf"
_BLANK_LINES = re.compile(rb"[\r\n]+")
# Begins with a set, which is searched for fast; never takes `\r\n` as two line ends.
_EVENT_END = re.compile(rb"[\r\n](?:(?<=\r)\n)?+(?:\r\n?|\n)")


def event(content: Any) -> bytes:
    """One event that carries a JSON value."""
    return b"data: " + orjson.dumps(content) + b"\n\n"


class WholeEvents:
    """Cuts a byte stream so that only whole events pass; pure, no I/O.

    What follows the last end of an event is held until the next chunk, so that an error event
    can be added at any time without landing inside a half-sent one. Holds at most 16 MiB.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._last = b""

    def feed(self, chunk: bytes) -> bytes:
        """The whole events so far, possibly none; raises `UpstreamFailed` on a giant one."""
        if not self._held and chunk.endswith(_ENDS):
            self._last = chunk[-32:]
            return chunk  # the engine writes event by event: nearly always so
        self._held += chunk
        # An end may have been split between two chunks: look a little further back.
        start = max(0, len(self._held) - len(chunk) - 3)
        ends = [at + len(mark) for mark in _ENDS if (at := self._held.rfind(mark, start)) >= 0]
        end = max(ends, default=0)
        if not end:
            if len(self._held) > _LARGEST_EVENT:
                raise _too_large()
            return b""
        whole = bytes(self._held[:end])
        del self._held[:end]
        self._last = whole[-32:]
        return whole

    @property
    def done(self) -> bool:
        """Whether the stream ended as it should: with `[DONE]` and nothing after it."""
        return not self._held and self._last.rstrip().endswith(_DONE_LINE)


class EventReader:
    """Reads a byte stream as events, by the rules of the WHATWG; pure, no I/O.

    Each event is its bytes, which together are the stream's, and its data: None where it has
    none, as a comment or blank lines. Holds at most 16 MiB. Where a chunk ends between the two
    characters of a `\\r\\n` that ends an event, the `\\n` comes as a blank line.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._begun = False
        self._last: bytes | None = None

    def feed(self, chunk: bytes) -> list[tuple[bytes, bytes | None]]:
        """The events that are whole now; raises `UpstreamFailed` on a giant one."""
        if self._held:
            # A line end may be the last that is held, and the blank line the first that comes.
            ended = _EVENT_END.search(bytes(self._held[-1:]) + chunk)
            self._hold(chunk)
            if not ended:
                return []
            chunk = bytes(self._held)
            self._held.clear()
        events: list[tuple[bytes, bytes | None]] = []
        start, simple = 0, b"\r" not in chunk
        while start < len(chunk):
            # The engine writes one line and a blank one: nearly always so.
            one_line = simple and chunk.startswith(b"data: ", start)
            stop = chunk.find(b"\n", start) if one_line else -1
            data: bytes | None
            if stop >= 0 and chunk.startswith(b"\n", stop + 1):
                data = chunk[start + 6 : stop]
                stop += 2
            elif end := _BLANK_LINES.match(chunk, start) or _EVENT_END.search(chunk, start):
                stop = end.end()
                data = self._data(chunk[start:stop])
            else:
                self._hold(chunk[start:])
                break
            if stop - start > _LARGEST_EVENT:
                raise _too_large()
            self._begun = True
            if data is not None:
                self._last = data
            events.append((chunk[start:stop], data))  # a chunk that is one event is not copied
            start = stop
        return events

    @property
    def done(self) -> bool:
        """Whether the stream ended as it should: with `[DONE]` and no data after it."""
        return not self._held and self._last == b"[DONE]"

    def _hold(self, rest: bytes) -> None:
        self._held += rest
        if len(self._held) > _LARGEST_EVENT:
            raise _too_large()

    def _data(self, raw: bytes) -> bytes | None:
        lines = (raw if self._begun else raw.removeprefix(_BOM)).splitlines()
        values = [
            line[5:].removeprefix(b" ")
            for line in lines
            if line.startswith(b"data:") or line == b"data"
        ]
        return b"\n".join(values) if values else None


def _too_large() -> UpstreamFailed:
    return UpstreamFailed(
        "The model server sent an event that is too large.", code="upstream_malformed"
    )
