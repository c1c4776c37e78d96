"""A streamed reply on its way out, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from gateway.errors import UpstreamFailed
from gateway.openai.scrub.around import clear_reply
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.fields import said_by, says_something, told_by
from gateway.openai.sse import DONE, event
from guards.leak.matcher import Leak


class StreamScrubber:
    """Scrubs the events of a stream."""

    def __init__(self, choices: Sequence[ChoiceScrubber]) -> None:
        self._choices = choices
        self._open = set(range(len(choices)))
        self._chat = True
        self.around: dict[str, Any] = {}
        """What the last event had beside its choices."""

    @property
    def leaks(self) -> list[Leak]:
        """What choices were stopped for."""
        return [choice.leak for choice in self._choices if choice.leak is not None]

    @property
    def stopped(self) -> bool:
        """Whether every choice has ended, one at least too early: nothing is left to be read."""
        return not self._open and bool(self.leaks)

    def feed(self, raw: bytes, data: bytes | None) -> bytes:
        """What goes out of an event; raises `UpstreamFailed` where it cannot be read.

        All but blank lines and the end is written anew, so that nothing goes out that was not read.
        Where a choice was stopped neither the usage nor the end of the stream is passed on.
        """
        if data is None:
            return b":\n\n" if raw.strip() else raw
        try:
            if data == b"[DONE]":
                rest = self._rest()
                return rest if self.leaks else rest + DONE
            content = orjson.loads(data)
            clear_reply(content, self._choices[0].watch)
            choices = content.get("choices")
            if not choices:
                return b"" if self.leaks and "usage" in content else event(content)
            self._chat = "delta" in choices[-1]
            return self._written(content, [self._scrubbed(choice) for choice in choices])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise UpstreamFailed(
                "The model server sent an event that cannot be read.", code="upstream_malformed"
            ) from None

    def _rest(self) -> bytes:
        """What is held of choices that the engine has not ended."""
        said: dict[str, Any] = {"delta": {}} if self._chat else {"text": ""}
        empty = {**said, "logprobs": None, "finish_reason": None}
        left = [
            self._scrubbed({"index": index, **empty}, last=True) for index in sorted(self._open)
        ]
        return self._written(self.around, left)

    def _written(self, content: dict[str, Any], given: list[dict[str, Any] | None]) -> bytes:
        """The event with the choices of which something is left."""
        choices = [choice for choice in given if choice is not None]
        self.around = {**content, "choices": choices}
        return event(self.around) if choices else b""

    def _scrubbed(self, choice: dict[str, Any], *, last: bool = False) -> dict[str, Any] | None:
        """A choice as it goes out, None where nothing is left of it.

        One that has ended or is stopped here says nothing more. `last`: nothing more comes of it,
        though it does not say so.
        """
        index = choice["index"]
        if index not in self._open:
            if index in range(len(self._choices)):
                return None
            raise IndexError
        scrubber, ends = self._choices[index], choice.get("finish_reason")
        piece = scrubber.piece(
            said_by(choice, "delta"),
            choice.get("logprobs"),
            finish="" if last and ends is None else ends,
            stop=choice.get("stop_reason"),
        )
        ended = scrubber.ended
        if last or ended or ends is not None:
            self._open.discard(index)
        elif not piece.changed:
            return choice
        if not (ends or ended or piece.logprobs or says_something(piece.said)):
            return None
        told = told_by(choice, "delta", piece.said)
        return {**told, "logprobs": piece.logprobs, **ended}
