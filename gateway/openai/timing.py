"""What ordinary answers took, and which of them a refusal is to be like. Pure: no clock, no waits.

Of each model the last answers are kept, as times and sizes alone. A refusal gets the times of one
that is like it in size. Which one is keyed by its prompt, so that a prompt asked again brings no
new draw, and blurred among neighbours, because ordinary answers vary too.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, linear_regression
from typing import TypeVar

_KEPT = 256
"""Answers of each kind that are kept of one model."""
_NEAR = 48
"""Answers most like a refusal in size, of which one is drawn."""
_BLUR = 3

Block = tuple[float, int]
"""Seconds since the block before, and the events in it."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """The times of a streamed answer to a request of `size` characters.

    `opened` is when its head was there; it and the first block are counted from the beginning.
    """

    size: int
    opened: float
    first: Block
    middle: tuple[Block, ...]
    last: Block

    def blocks(self, events: int) -> list[Block]:
        """The times for so many events: as this began and ended, in between from somewhere on."""
        begin = random.randrange(max(1, len(self.middle)))
        opening = max(1, min(self.first[1], events - 1))
        ending = min(self.last[1], events - opening)
        between = events - opening - ending
        found = [(self.first[0], opening)]
        while between > 0:
            seconds, count = self.middle[begin % len(self.middle)] if self.middle else (0.0, 1)
            found.append((seconds, min(count, between)))
            between -= count
            begin += 1
        return [*found, (self.last[0], ending)] if ending else found


@dataclass(frozen=True, slots=True)
class Whole:
    """The time of an answer in one piece, of so many tokens, to a request of `size` characters."""

    size: int
    tokens: int
    seconds: float


UNKNOWN = Streamed(1, 0.01, (0.25, 2), ((0.025, 1),), (0.0, 1))
"""What a model is taken for that has answered nobody yet."""

T = TypeVar("T")


@dataclass(slots=True)
class Sample:
    """The last ordinary answers of one model."""

    streamed: deque[Streamed] = field(default_factory=lambda: deque(maxlen=_KEPT))
    whole: deque[Whole] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def stream(self, size: int, key: bytes) -> Streamed:
        """The times for a refusal that is streamed."""
        if self.streamed:
            near = _nearest(self.streamed, lambda one: _apart(one.size, size))
            return _drawn(near, lambda one: one.first[0], key)
        if self.whole:
            one = _drawn(self.whole, lambda one: one.seconds / one.tokens, key)
            each = one.seconds / one.tokens
            return Streamed(one.size, 0.0, (each, 2), ((each, 1),), (0.0, 1))
        return UNKNOWN

    def seconds(self, size: int, key: bytes, tokens: int) -> float:
        """The time for a refusal of so many tokens, in one piece."""
        if self.whole:
            near = _nearest(
                self.whole, lambda one: _apart(one.tokens, tokens) + _apart(one.size, size) / 4
            )
            slope = self._seconds_a_token()
            took = [one.seconds + slope * (tokens - one.tokens) for one in near]
            return max(0.0, _drawn(took, float, key))
        like = self.stream(size, key)
        gaps = [seconds for seconds, _ in like.middle]
        return like.first[0] + tokens * (fmean(gaps) if gaps else 0.0)

    def _seconds_a_token(self) -> float:
        """By how much a whole answer takes longer with each token."""
        tokens = [one.tokens for one in self.whole]
        if len(set(tokens)) == 1:
            return 0.0
        return max(0.0, linear_regression(tokens, [one.seconds for one in self.whole]).slope)


def _apart(one: int, other: int) -> float:
    return abs(math.log(max(1, one) / max(1, other)))


def _nearest(answers: Iterable[T], apart: Callable[[T], float]) -> Sequence[T]:
    return sorted(answers, key=apart)[:_NEAR]


def _drawn(answers: Iterable[T], time: Callable[[T], float], key: bytes) -> T:
    """The answer that a key points at, or one of those that took nearly as long."""
    ranked = sorted(answers, key=time)
    at = int.from_bytes(key[:8], "big") % len(ranked) + random.randint(-_BLUR, _BLUR)
    return ranked[min(max(at, 0), len(ranked) - 1)]
