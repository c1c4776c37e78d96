"""Replies of the model as they leave: scrubbed, and what that changes around them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Any

import orjson

from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.judging import Judgement
from gateway.openai.prepare import Prepared
from gateway.openai.scrub.choice import ChoiceScrubber, Manner
from gateway.openai.scrub.stream import StreamScrubber
from gateway.openai.scrub.whole import scrub_whole
from gateway.openai.sse import DONE, event
from gateway.openai.usage import usage_of
from gateway.openai.voice import continuation, language_of
from gateway.openai.voice.keyed import digest
from gateway.openai.voice.refusals import language_in
from guards import Conversation

_LARGE = 16 * 2**10
"""Bytes from which a reply is scrubbed in a thread."""


class Leaving:
    """The model's reply to one request on its way out; `leaked` once a choice was stopped."""

    def __init__(self, deps: Deps, prepared: Prepared, judged: Judgement) -> None:
        self._deps = deps
        self._prepared = prepared
        self._choices = _scrubbers(deps, prepared, judged)
        self._stream = StreamScrubber(self._choices) if self._choices else None

    @property
    def leaked(self) -> bool:
        """Whether a choice was stopped."""
        return any(choice.leak is not None for choice in self._choices)

    async def whole(self, reply: bytes) -> bytes:
        """A whole reply as it goes out; raises `UpstreamFailed` where it cannot be read."""
        if not self._choices:
            return reply

        def scrubbed() -> dict[str, Any] | None:
            content: dict[str, Any] = orjson.loads(reply)
            return content if scrub_whole(content, self._choices) else None

        large = len(reply) > _LARGE
        content = await asyncio.to_thread(scrubbed) if large else scrubbed()
        if content is None:
            return reply
        if self.leaked:
            self._note()
            usage = await usage_of(self._deps, self._prepared, self._said)
            content["usage"] = {**(content.get("usage") or {}), **usage}
        return orjson.dumps(content)

    def feed(self, raw: bytes, data: bytes | None) -> bytes:
        """What goes out of one event; raises `UpstreamFailed` where it cannot be read."""
        return raw if self._stream is None else self._stream.feed(raw, data)

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

    @property
    def _said(self) -> Sequence[str]:
        return [choice.said for choice in self._choices]

    def _note(self) -> None:
        for choice in self._choices:
            if choice.leak is not None:
                self._deps.leaked(choice.leak)


def _scrubbers(deps: Deps, prepared: Prepared, judged: Judgement) -> list[ChoiceScrubber]:
    """One for each choice of each prompt; none where the layer does not act."""
    if deps.watch is None:
        return []
    options, chat, watch = prepared.options, prepared.route is Route.CHAT, deps.watch(judged.ids)
    found = []
    for conversation, before in zip(prepared.conversations, prepared.begun, strict=True):
        manner = Manner(
            watch,
            partial(_ending, deps.wording_key, conversation),
            deps.finish_reason,
            structured=options.json,
            whole=not options.stream,
        )
        found += [ChoiceScrubber(manner, before, chat=chat) for _ in range(options.n)]
    return found


def _ending(key: bytes, conversation: Conversation, said: str) -> str:
    """What is added to what has gone out, in the language of that or else of the user."""
    language = language_of([said]) or language_in(conversation)
    return continuation(said, language, digest(key, conversation))
