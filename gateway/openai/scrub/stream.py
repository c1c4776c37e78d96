"""A streamed reply on its way out, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

import orjson

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.fields import says_something
from gateway.openai.sse import event
from guards.leak.sight import Leak


class StreamScrubber:
    """Scrubs the events of a stream; what touches nothing passes as the bytes that came."""

    def __init__(self, choices: Sequence[ChoiceScrubber]) -> None:
        self._choices = choices
        self._open = set(range(len(choices)))
        self.around: dict[str, Any] = {}
        """What the last event had beside its choices."""

    @property
    def leaks(self) -> list[Leak]:
        """What choices were stopped for."""
        return [choice.leak for choice in self._choices if choice.leak is not None]

    @property
    def said(self) -> list[str]:
        """What of each choice has gone out."""
        return [choice.said for choice in self._choices]

    @property
    def stopped(self) -> bool:
        """Whether every choice has ended, one at least too early: nothing is left to be read."""
        return not self._open and bool(self.leaks)

    def feed(self, raw: bytes, data: bytes | None) -> bytes:
        """What goes out of an event; raises `UpstreamFailed` where it cannot be read.

        Where a choice was stopped neither the usage nor the end of the stream is passed on.
        """
        if data is None or data == b"[DONE]":
            return b"" if self.leaks and data is not None else raw
        try:
            content = orjson.loads(data)
            choices = content.get("choices")
            if not choices:
                return b"" if self.leaks and "usage" in content else raw
            given = [self._scrubbed(choice) for choice in choices]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise UpstreamFailed(
                "The model server sent an event that cannot be read.", code="upstream_malformed"
            ) from None
        if all(map(is_, given, choices)):
            return raw
        content["choices"] = [choice for choice in given if choice is not None]
        self.around = content
        return event(content) if content["choices"] else b""

    def _scrubbed(self, choice: dict[str, Any]) -> dict[str, Any] | None:
        """A choice as it goes out: itself where nothing of it changes, None where nothing is left.

        One that is stopped ends here; what comes of it later does not go out.
        """
        index = choice["index"]
        scrubber = self._choices[index]
        if scrubber.leak is not None:
            return None
        last, logprobs = choice.get("finish_reason") is not None, choice.get("logprobs")
        chat = "delta" in choice
        said = choice["delta"] if chat else {"text": choice.get("text")}
        piece = scrubber.piece(said, logprobs, last=last)
        if last or scrubber.leak is not None:
            self._open.discard(index)
        if not piece.changed:
            return choice
        ended = scrubber.ended
        if not (last or ended or piece.logprobs or says_something(piece.said)):
            return None
        told = {"delta": piece.said} if chat else piece.said
        return {**choice, **told, "logprobs": piece.logprobs, **ended}
