"""Suppressed replies in which a structure and the bans leave no token: they end as filtered.

vLLM ends such a generation with an internal error, which cannot be told from another one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from gateway.openai.sse import Event, EventReader, content_of, event

_FILTERED = "content_filter"


class FilteredEnd:
    """Turns an error event of a stream into the end of every choice that is still open.

    Pure; fed event by event, of which some come before any error. What is before the error passes
    as it came. `count` is how many choices there are to be.
    """

    def __init__(self, count: int) -> None:
        self._last: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}
        self._open = set(range(count))

    def feed(self, raw: bytes, data: bytes | None) -> Event:
        """The event, or the end of the open choices instead of an error."""
        content = content_of(data)
        if "error" in content and self._open and self._seen:
            ended = event(self._end())
            return EventReader().feed(ended)[0]
        self._note(content)
        return raw, data

    def _note(self, content: dict[str, Any]) -> None:
        # An event that cannot be read is told by who reads it next.
        with suppress(TypeError, AttributeError, KeyError):
            for choice in content.get("choices") or ():
                ended = choice["index"] if choice.get("finish_reason") is not None else None
                self._last, self._seen = content, choice
                self._open.discard(ended)

    def _end(self) -> dict[str, Any]:
        """The last event of all open choices, in the shape of those before."""
        empty: dict[str, Any] = {"delta": {}} if "delta" in self._seen else {"text": ""}
        ended = {**self._seen, **empty, "logprobs": None, "finish_reason": _FILTERED}
        choices = [{**ended, "index": index, "stop_reason": None} for index in sorted(self._open)]
        self._open.clear()
        return {**self._last, "choices": choices}
