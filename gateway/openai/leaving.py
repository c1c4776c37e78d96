"""Replies of the model as they leave: scrubbed, and what that changes around them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import orjson

from gateway.errors import ApiError, NotReady
from gateway.openai.choices import choice_of
from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.judging import Judgement
from gateway.openai.options import Options
from gateway.openai.prepare import Prepared
from gateway.openai.scrub.channel import Prose
from gateway.openai.scrub.choice import ChoiceScrubber
from gateway.openai.scrub.manner import Manner
from gateway.openai.scrub.stream import StreamScrubber
from gateway.openai.scrub.whole import scrub_whole
from gateway.openai.sse import DONE, Event, event
from gateway.openai.usage import usage_of
from gateway.openai.voice import continuation, language_of
from gateway.openai.voice.keyed import digest
from gateway.openai.voice.refusals import language_in
from guards import Conversation
from guards.leak.filter import LeakFilter
from guards.leak.sentences import Sentences
from guards.leak.watch import Watch

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_LARGE = 16 * 2**10
"""Bytes from which what has come is scrubbed in a thread."""


class Leaving:
    """The model's reply to one request on its way out; `leaked` once a choice was stopped.

    `took_s` are the seconds that were spent on it so far.
    """

    def __init__(self, deps: Deps, prepared: Prepared, judged: Judgement) -> None:
        self._deps = deps
        self._prepared = prepared
        self._slow = False
        self.took_s = 0.0
        self._matched = frozenset(judged.ids)
        self._choices: list[ChoiceScrubber] = []
        if deps.watch is not None:
            watch = judged.watch or deps.watch(judged.ids)
            self._choices = self._scrubbers(watch, judged)
        self._stream = StreamScrubber(self._choices) if self._choices else None

    @property
    def leaked(self) -> bool:
        """Whether a choice was stopped."""
        return any(choice.leak is not None for choice in self._choices)

    @property
    def rules(self) -> frozenset[str]:
        """The forget requests for which choices were stopped."""
        leaks = (choice.leak for choice in self._choices)
        return frozenset(leak.rule for leak in leaks if leak is not None and leak.rule is not None)

    async def whole(self, reply: bytes) -> bytes:
        """A whole reply as it goes out; raises `UpstreamFailed` where it cannot be read."""
        if not self._choices:
            return reply
        await self._deps.current()

        def scrubbed() -> dict[str, Any]:
            content: dict[str, Any] = orjson.loads(reply)
            scrub_whole(content, self._choices)
            return content

        content = await self._safely(scrubbed, self._slow or len(reply) > _LARGE)
        if self.leaked:
            self._note()
            usage = await usage_of(self._deps, self._prepared, self._said)
            counted = content.get("usage")
            content["usage"] = counted | usage if isinstance(counted, dict) else usage
        return await self._safely(partial(orjson.dumps, content), len(reply) > _LARGE)

    async def block(self, events: Sequence[Event]) -> tuple[bytes, ApiError | None]:
        """What goes out of some events, and the error of the first one that cannot be read."""
        if self._stream is None:
            return b"".join([raw for raw, _ in events]), None
        await self._deps.current()
        slow = self._slow or sum(len(raw) for raw, _ in events) > _LARGE
        return await self._safely(partial(_passed, self._stream, events), slow)

    @property
    def stopped(self) -> bool:
        """Whether nothing that the engine may still say would go out."""
        return self._stream is not None and self._stream.stopped

    async def end(self) -> AsyncGenerator[bytes, None]:
        """The last events of a stream, where a choice was stopped: with the usage made anew."""
        if self._stream is None or not self.leaked:
            return
        self._note()
        if self._prepared.options.include_usage:
            usage = await usage_of(self._deps, self._prepared, self._said)
            yield event({**self._stream.around, "choices": [], "usage": usage})
        yield DONE

    async def _safely(self, scrub: Callable[[], _T], slow: bool) -> _T:
        """Scrub, in a thread where it is slow; what cannot be judged does not go out."""
        began = time.perf_counter()
        try:
            return await asyncio.to_thread(scrub) if slow else scrub()
        except ApiError:
            raise
        except Exception as error:
            # Only its kind is logged: the message could quote the answer.
            log.error("An answer cannot be judged: %s", type(error).__name__)
            raise NotReady("The answer cannot be checked now.", code="not_judged") from None
        finally:
            self.took_s += time.perf_counter() - began

    def _scrubbers(self, watch: Watch, judged: Judgement) -> list[ChoiceScrubber]:
        """One for each choice of each prompt."""
        deps, prepared, options = self._deps, self._prepared, self._prepared.options
        told = any(rule.clues and rule.paraphrases for rule in watch.matched)
        # What keeps to a book tells nothing in other words.
        encode, self._slow = deps.encode, told and not watch.books

        def prose(before: str) -> Prose:
            if self._slow and encode is not None:
                return Sentences(watch, judged.said, encode, before)
            return LeakFilter(watch, before)

        found = []
        for conversation, before in zip(prepared.conversations, prepared.begun, strict=True):
            manner = Manner(
                watch,
                prose,
                partial(_ending, deps.wording_key, options, conversation),
                deps.finish_reason,
                structured=options.json,
                whole=not options.stream,
            )
            chat = prepared.route is Route.CHAT
            found += [ChoiceScrubber(manner, before, chat=chat) for _ in range(options.n)]
        return found

    @property
    def _said(self) -> Sequence[str]:
        return [choice.said for choice in self._choices]

    def _note(self) -> None:
        for choice in self._choices:
            if choice.leak is not None:
                self._deps.leaked(choice.leak)
        for rule in self.rules - self._matched:
            self._deps.stopped(rule)


def _passed(stream: StreamScrubber, events: Sequence[Event]) -> tuple[bytes, ApiError | None]:
    passed = []
    for each in events:
        try:
            passed.append(stream.feed(*each))
        except ApiError as error:
            return b"".join(passed), error
    return b"".join(passed), None


def _ending(key: bytes, options: Options, conversation: Conversation, said: str) -> str:
    """What is added to what has gone out, in the language of that or else of the user.

    It ends at a stop string of the client, as what the engine says does.
    """
    language = language_of([said]) or language_in(conversation)
    text = continuation(said, language, digest(key, conversation))
    return choice_of([text], replace(options, max_tokens=None)).text
