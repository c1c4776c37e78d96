"""Server-sent events: writing them, and reading them while they come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

from gateway.errors import UpstreamFailed

DONE = b"data: [DONE]\n\n"
_LARGEST_EVENT = 16 * 2**20
_BOM = b"\xef\xbb\xbf"
_BLANK_LINES = re.compile(rb"[\r\n]+")
# Begins with a set, which is searched for fast; never takes `\r\n` as two line ends.
_EVENT_END = re.compile(rb"[\r\n](?:(?<=\r)\n)?+(?:\r\n?|\n)")


def event(content: Any, name: str = "") -> bytes:
    """One event that carries a JSON value, by its name where it has one."""
    named = b"event: %b\n" % name.encode() if name else b""
    return named + b"data: " + orjson.dumps(content) + b"\n\n"


def content_of(data: bytes | None) -> dict[str, Any]:
    """The JSON object that an event carries as its data; empty where it carries none."""
    try:
        content = orjson.loads(data or b"")
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def contents(block: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects that a block of whole events carries."""
    for _, data in EventReader().feed(block):
        if content := content_of(data):
            yield content


Event = tuple[bytes, bytes | None]
"""The bytes of an event, and its data: None where it has none, as a comment or blank lines."""


class EventReader:
    """Reads a byte stream as events, by the rules of the WHATWG; pure, no I/O.

    The bytes of all events together are the stream's. Holds at most 16 MiB. Where a chunk ends
    between the two characters of a `\\r\\n` that ends an event, the `\\n` comes as a blank line.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._begun = False
        self._last: bytes | None = None

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that are whole now; raises `UpstreamFailed` on a giant one."""
        if self._held:
            # A line end may be the last that is held, and the blank line the first that comes.
            ended = _EVENT_END.search(bytes(self._held[-1:]) + chunk)
            self._hold(chunk)
            if not ended:
                return []
            chunk = bytes(self._held)
            self._held.clear()
        events: list[Event] = []
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
