"""Suppressed replies in which a structure and the bans leave no token: they end as filtered.

vLLM ends such a generation with an internal error, which cannot be told from another one.
"""

from __future__ import annotations

from typing import Any

from gateway.openai.sse import content_of, event

_FILTERED = "content_filter"


class FilteredEnd:
    """Turns an error event of a stream into the end of every choice that is still open.

    Pure; fed with blocks of whole events, of which some come before any error. What is before the
    error passes as it came. `count` is how many choices there are to be.
    """

    def __init__(self, count: int) -> None:
        self._last: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}
        self._open = set(range(count))

    def feed(self, block: bytes) -> bytes:
        """The block, with an error in it replaced."""
        written = []
        for line in block.splitlines(keepends=True):
            content = content_of(line)
            if "error" in content and self._open and self._seen:
                written.append(self._end().removesuffix(b"\n"))
            else:
                self._note(content)
                written.append(line)
        return b"".join(written)

    def _note(self, content: dict[str, Any]) -> None:
        for choice in content.get("choices") or ():
            self._last, self._seen = content, choice
            if choice.get("finish_reason") is not None:
                self._open.discard(choice["index"])

    def _end(self) -> bytes:
        """The last event of all open choices, in the shape of those before."""
        empty: dict[str, Any] = {"delta": {}} if "delta" in self._seen else {"text": ""}
        ended = {**self._seen, **empty, "logprobs": None, "finish_reason": _FILTERED}
        choices = [{**ended, "index": index, "stop_reason": None} for index in sorted(self._open)]
        self._open.clear()
        return event({**self._last, "choices": choices})
