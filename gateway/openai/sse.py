"""Server-sent events: writing them, and relaying them whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.errors import UpstreamFailed

DONE = b"data: [DONE]\n\n"
_LARGEST_EVENT = 16 * 2**20
_ENDS = (b"\n\n", b"\r\n\r\n")
_DATA = b"data: "
_DONE_LINE = b"data: [DONE]"


def event(content: Any, name: str = "") -> bytes:
    """One event that carries a JSON value, by its name where it has one."""
    named = b"event: %b\n" % name.encode() if name else b""
    return named + b"data: " + orjson.dumps(content) + b"\n\n"


def content_of(line: bytes) -> dict[str, Any]:
    """The JSON object that a line of an event carries; empty where it carries none."""
    if not line.startswith(_DATA):
        return {}
    try:
        content = orjson.loads(line[len(_DATA) :])
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def contents(block: bytes) -> Iterator[dict[str, Any]]:
    """The JSON objects that a block of whole events carries."""
    for line in block.splitlines():
        if content := content_of(line):
            yield content


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
                raise UpstreamFailed(
                    "The model server sent an event that is too large.",
                    code="upstream_malformed",
                )
            return b""
        whole = bytes(self._held[:end])
        del self._held[:end]
        self._last = whole[-32:]
        return whole

    @property
    def done(self) -> bool:
        """Whether the stream ended as it should: with `[DONE]` and nothing after it."""
        return not self._held and self._last.rstrip().endswith(_DONE_LINE)
