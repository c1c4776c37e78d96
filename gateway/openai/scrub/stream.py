"""A streamed reply on its way out, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

import orjson

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.fields import said_by, says_something, told_by
from gateway.openai.sse import DONE, event
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

        Where a choice was stopped neither the usage nor the end of the stream is passed on. What
        an event has beside its data is not: nobody asked for it.
        """
        if data is None:
            return raw if raw.isspace() else b":\n\n"
        if data == b"[DONE]":
            return b"" if self.leaks else DONE
        try:
            content = orjson.loads(data)
            choices = content.get("choices")
            if not choices:
                return b"" if self.leaks and "usage" in content else _alone(raw, data)
            given = [self._scrubbed(choice) for choice in choices]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise UpstreamFailed(
                "The model server sent an event that cannot be read.", code="upstream_malformed"
            ) from None
        if all(map(is_, given, choices)):
            return _alone(raw, data)
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
        finish, logprobs = choice.get("finish_reason"), choice.get("logprobs")
        said = said_by(choice, "delta")
        piece = scrubber.piece(said, logprobs, finish=finish, stop=choice.get("stop_reason"))
        last = finish is not None
        if last or scrubber.leak is not None:
            self._open.discard(index)
        if not piece.changed:
            return choice
        ended = scrubber.ended
        if not (last or ended or piece.logprobs or says_something(piece.said)):
            return None
        told = told_by(choice, "delta", piece.said)
        return {**choice, **told, "logprobs": piece.logprobs, **ended}


def _alone(raw: bytes, data: bytes) -> bytes:
    """An event that says nothing but its data: nearly always as it came."""
    if len(raw) == len(data) + len(b"data: \n\n"):
        return raw
    return b"".join(b"data: %b\n" % line for line in data.split(b"\n")) + b"\n"
