"""One choice of a reply on its way out: all its texts, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from io import StringIO
from typing import Any, NamedTuple

from gateway.openai.scrub.around import clear_logprobs
from gateway.openai.scrub.channel import Channel, Json, Prose
from gateway.openai.scrub.fields import (
    CALLS,
    CONTENT,
    REFUSAL,
    TEXT,
    Path,
    is_arguments,
    is_whole,
    put,
    replaced,
    without_nameless,
)
from gateway.openai.scrub.logprobs import Logprobs, LogprobsQueue, scrub
from gateway.openai.scrub.manner import Manner
from guards.leak.filter import LeakFilter, leak_in
from guards.leak.matcher import Leak

_MOST_TEXTS = 4_096
"""Texts of one choice that are read at once: tool calls have two each."""
_SLICE = 2**14
"""Characters that are read at once: what is known of each takes far more memory than itself."""


class Piece(NamedTuple):
    """A piece as it goes out, its probabilities, and whether there is more or less than came in."""

    said: dict[str, Any]
    logprobs: Logprobs | None
    changed: bool


class ChoiceScrubber:
    """Scrubs one choice, piece by piece; `before` is what the model goes on with.

    A piece is the delta of a chat, a whole message, or what a completion has beside its text. Every
    text in it is scrubbed, those of fields that nobody knows as well. Once `leak` is set the choice
    has ended: nothing more of it may go out.
    """

    def __init__(self, manner: Manner, before: str = "", *, chat: bool = True) -> None:
        self.leak: Leak | None = None
        self._said = StringIO()
        self._answer: Path = CONTENT if chat else TEXT
        self.watch = replace(manner.watch, books=()) if manner.watch.books else manner.watch
        """What is looked for where the engine writes, and no book is kept to: ids, markers."""
        self._manner = manner
        self._before = before
        self._main = Json(manner.watch, before) if manner.structured else manner.prose(before)
        self._channels: dict[Path, Channel] = {self._answer: self._main}
        self._logprobs = LogprobsQueue()

    @property
    def said(self) -> str:
        """What of the answer itself has gone out."""
        return self._said.getvalue()

    @property
    def ended(self) -> dict[str, Any]:
        """What the last piece of a choice that was stopped says of its end; of others nothing."""
        if self.leak is None:
            return {}
        return {"finish_reason": self._manner.finish_reason, "stop_reason": None}

    def piece(
        self, said: dict[str, Any], logprobs: Logprobs | None, *, finish: Any, stop: Any = None
    ) -> Piece:
        """What may go out of a piece and of its probabilities; `finish` and `stop` are its reasons.

        Where the client cut the text off, by a length or by a string that is left out and told as
        `stop`, what was clearly begun is not told either: cut by cut it would be told whole.
        Raises `ValueError` for too many texts.
        """
        text = said.get("content") if len(said) == 1 else None
        if isinstance(text, str) and finish is None and not (logprobs or self._logprobs):
            return self._text(text)  # nearly always
        passed: dict[str, Any] = replaced(said, self._fed)
        if logprobs and self.leak is None:
            clear_logprobs(logprobs, self.watch)
            scrub(logprobs, self._tokens)
            self._logprobs.take(logprobs)
        if finish is not None:
            self._tokens.flush()
        told = self._tokens.leak
        if told is not None and told.kind != "fact":  # no book has the marker that ends a text
            self.leak = self.leak or told
        if finish is not None:
            if isinstance(stop, str):
                self.leak = self.leak or leak_in(self._main.pending + stop, self.watch)
            self._flush(passed, cut=finish == "length" or isinstance(stop, str))
        if self.leak is not None:
            self._end(passed)
        self._said.write(self._in(passed))
        if self.leak is not None:
            return Piece(passed, None, True)
        given = None if self._held or told is not None else self._logprobs.give()
        return Piece(passed, given, given is not logprobs or passed != said)

    def _text(self, text: str) -> Piece:
        """A piece of the answer to a chat, with nothing beside it."""
        passed: dict[str, Any] = {"content": self._fed(CONTENT, text)}
        if self.leak is not None:
            self._end(passed)
        self._said.write(self._in(passed))
        return Piece(passed, None, self.leak is not None or passed["content"] != text)

    @cached_property
    def _tokens(self) -> LeakFilter:
        """What the tokens are read by of which probabilities are told."""
        return LeakFilter(self._manner.watch, self._before)

    def _end(self, passed: dict[str, Any]) -> None:
        """Put the end of a choice that is stopped into its last piece."""
        calls, said = False, self.said + self._in(passed)
        for path, channel in self._channels.items():
            unsaid = path == CONTENT and not said
            if isinstance(channel, Json) and not unsaid and (rest := channel.closing()):
                put(passed, path, rest)
            calls = calls or is_arguments(path)
        if self._manner.whole:  # half of it would call the tool with something else
            passed.update(dict.fromkeys(CALLS & passed.keys()))
        without_nameless(passed)
        if self._manner.structured:
            if not said and self._answer == CONTENT:
                passed["content"] = None
                put(passed, REFUSAL, self._manner.ending(""))
        elif self._manner.whole or not calls:
            put(passed, self._answer, self._manner.ending(said))

    @property
    def _held(self) -> bool:
        """Whether something is held back whose probabilities wait for it."""
        return bool(self._logprobs) and (
            self._tokens.held > 0 or any(channel.held for channel in self._channels.values())
        )

    def _in(self, piece: dict[str, Any]) -> str:
        return piece.get(str(self._answer[0])) or ""

    def _fed(self, path: Path, text: str) -> str:
        if self.leak is not None:
            return ""
        if is_whole(path):
            self.leak = leak_in(text, self.watch)
            return "" if self.leak is not None else text
        channel, manner = self._channels.get(path), self._manner
        if channel is None:
            if len(self._channels) >= _MOST_TEXTS:
                raise ValueError
            # A beginning of the client's may end in the reasoning that the model goes on with.
            before = self._before if len(path) == 1 else ""
            channel = Json(manner.watch) if is_arguments(path) else manner.prose(before)
            self._channels[path] = channel
        slices = [text[i : i + _SLICE] for i in range(0, len(text), _SLICE)]
        passed = "".join(map(channel.feed, slices)) if len(slices) > 1 else channel.feed(text)
        if len(path) > 1 and isinstance(channel, Prose):
            # It may as well stand by itself as go on with what stood at its place before.
            self.leak = leak_in(text, self.watch)
        self.leak = self.leak or channel.leak
        return passed if self.leak is channel.leak else ""

    def _flush(self, passed: dict[str, Any], cut: bool) -> None:
        for path, channel in self._channels.items():
            if self.leak is not None:
                return
            begun = channel.undecided if cut and " " in channel.pending.strip() else 0
            rest = channel.flush()
            self.leak = channel.leak
            if begun and self.leak is None:
                rest = rest[:-begun]
                self._logprobs.give()  # some of them are of what is not told
            if rest:
                put(passed, path, rest)
