"""Refusals that take as long as ordinary answers: the answers timed, the refusals delayed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing
from dataclasses import dataclass

from cachetools import LRUCache

from gateway.openai.prepare import Prepared
from gateway.openai.sse import DONE
from gateway.openai.timing import Block, Sample, Streamed, Whole

_MODELS = 64
_BLOCKS = 64
"""Blocks of one stream that are kept."""
LONGEST_S = 20.0
"""Seconds that a refusal is delayed at most."""
_TOKENS = re.compile(rb'"completion_tokens":\s?([1-9]\d{0,8})')


@dataclass(frozen=True, slots=True)
class Clock:
    """What tells the time, in seconds, and waits for it."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Times one answer, from the moment that it was made; without a sample it only looks on."""

    sample: Sample | None
    size: int
    clock: Clock
    began: float

    def whole(self, reply: bytes) -> None:
        """Note an answer in one piece that has just come."""
        if self.sample is not None and (found := _TOKENS.search(reply)):
            seconds = self.clock.now() - self.began
            self.sample.whole.append(Whole(self.size, int(found[1]), seconds))

    def streamed(self, events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """Blocks of whole events, passed on; their times are noted when they come to their end.

        To be called when the head of the answer is there.
        """
        if self.sample is None:
            return events
        return self._timed(events, self.sample, self.clock.now() - self.began)

    async def _timed(
        self, events: AsyncGenerator[bytes, None], sample: Sample, opened: float
    ) -> AsyncGenerator[bytes, None]:
        blocks: list[Block] = []
        ready, done = self.began, False
        async with aclosing(events):
            async for block in events:
                seconds = self.clock.now() - ready
                done = block.endswith(DONE)
                if len(blocks) < _BLOCKS or done:
                    blocks.append((seconds, block.count(b"\n\n")))
                yield block
                ready = self.clock.now()  # what the client takes to read is none of the answer's
        if done:
            first, *middle = blocks
            last = middle.pop() if middle else (0.0, 1)
            sample.streamed.append(Streamed(self.size, opened, first, tuple(middle), last))


@dataclass(frozen=True, slots=True)
class Pace:
    """Delays one refusal, from the moment that it was made; at most `LONGEST_S`."""

    sample: Sample
    size: int
    key: bytes
    like: Streamed
    delayed: Callable[[float], None]
    clock: Clock
    began: float

    async def whole(self, tokens: int) -> None:
        """Wait until an ordinary answer of so many tokens would be there."""
        await self._until(self.sample.seconds(self.size, self.key, tokens))

    async def opened(self) -> None:
        """Wait until the head of an ordinary stream would be there."""
        await self._until(self.like.opened)

    async def streamed(self, events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The events in blocks, each when an ordinary answer's would be there."""
        waiting = [event async for event in events]
        due = 0.0
        for seconds, count in self.like.blocks(len(waiting)):
            due += seconds
            await self._until(due)
            yield b"".join(waiting[:count])
            del waiting[:count]

    async def _until(self, due: float) -> None:
        """Wait until so many seconds after the beginning; what a refusal itself took counts."""
        wait = self.began + min(due, LONGEST_S) - self.clock.now()
        if wait > 0:
            await self.clock.sleep(wait)
            self.delayed(wait)


class Pacing:
    """The samples of all models. `delayed` is told the seconds of every wait; None delays nothing.

    What delays nothing keeps no times either.
    """

    def __init__(
        self, delayed: Callable[[float], None] | None = None, clock: Clock | None = None
    ) -> None:
        self._delayed = delayed
        self._clock = clock or Clock()
        self._samples: MutableMapping[str, Sample] = LRUCache(_MODELS)

    def stopwatch(self, prepared: Prepared, outcome: str) -> Stopwatch:
        """Begin to time an answer; only those that are ordinary are kept."""
        options = prepared.options
        ordinary = outcome == "allowed" and options.n == 1 and not options.detailed
        kept = ordinary and self._delayed is not None
        if not kept:
            return Stopwatch(None, 0, self._clock, 0.0)
        return Stopwatch(self._of(prepared.model), _size(prepared), self._clock, self._clock.now())

    def pace(self, prepared: Prepared, key: bytes) -> Pace | None:
        """Begin to delay a refusal; `key` is a keyed digest of the request."""
        if self._delayed is None:
            return None
        sample, size = self._of(prepared.model), _size(prepared)
        like = sample.stream(size, key)
        return Pace(sample, size, key, like, self._delayed, self._clock, self._clock.now())

    def _of(self, model: str) -> Sample:
        sample = self._samples.get(model)
        if sample is None:
            sample = self._samples[model] = Sample()
        return sample


def _size(prepared: Prepared) -> int:
    """Characters of what is said: of them all an engine reads before it answers."""
    return sum(len(said.text) for prompt in prepared.conversations for said in prompt.messages)
