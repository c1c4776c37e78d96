"""Many phrases, and which of them a text goes on with from some place: now, or with what comes.

At each word the lengths of the phrases that begin with it are looked up, so that ordinary text
costs a look into a dictionary for each of its words. Like the names of `guards.names` this is built
in small steps, which stall no other thread.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import NamedTuple

from folding import stands_alone
from guards.leak.plain import TOKEN

_PIECE = 2_000
"""Strings that are sorted at once: more would hold the interpreter's lock for too long."""

_ENDINGS = frozenset({"", "s", "e", "es", "s'", "es'"})
"""What is left of a text after a phrase, where what comes tells whether it ends the word."""

LONGEST_ENDING = max(map(len, _ENDINGS))


class Seen(NamedTuple):
    """What begins at one place of a text."""

    whole: Sequence[tuple[int, int]]
    """(end, code) of every phrase that stands there."""
    open: bool
    """Whether a phrase stands there, or not, depending on what comes."""
    joined: Sequence[int] = ()
    """Where phrases end that would stand there, did not what follows belong to their last word."""


NOTHING = Seen((), False)
UNDECIDED = Seen((), True)


def undecided_after(text: str, end: int) -> bool:
    """Whether it depends on what comes after a text if a phrase that ends there stands alone."""
    return text[end : end + LONGEST_ENDING + 1] in _ENDINGS


class Phrases:
    """Phrases in the form of `guards.leak.plain`, with the codes that they were given.

    Immutable. A phrase may have several codes.
    """

    def __init__(self, phrases: Iterable[tuple[str, int]]) -> None:
        self._codes: dict[str, int | tuple[int, ...]] = {}
        self._lengths: dict[str, int] = {}
        """The lengths of the phrases that begin with a word or symbol, as bits."""
        for phrase, code in phrases:
            first = TOKEN.match(phrase)
            if first is None:
                continue
            known = self._codes.get(phrase)
            if known is None:
                self._codes[phrase] = code
            else:
                self._codes[phrase] = (*(known if isinstance(known, tuple) else (known,)), code)
            word = first.group()
            self._lengths[word] = self._lengths.get(word, 0) | 1 << len(phrase)
        self._sorted = _ordered(self._codes)

    def __bool__(self) -> bool:
        return bool(self._codes)

    def at(self, text: str, start: int, stop: int, final: bool) -> Seen:
        """What begins at `start`, where a token of the text ends at `stop`.

        `final` says that nothing comes after the text.
        """
        word = text[start:stop]
        sizes = self._lengths.get(word, 0)
        last = word[-1]
        if last == "s":  # of a phrase of one word this may be the plural
            sizes |= self._alone(word[:-1]) | self._alone(word[:-2])
        growing = stop == len(text) and not final
        if not sizes:
            if not growing:
                return NOTHING
            # "jonese" may become "joneses"
            sizes = self._alone(word[:-1]) if last == "e" else 0
            if not sizes:
                return UNDECIDED if self._begins(word) else NOTHING
        whole: list[tuple[int, int]] = []
        joined: list[int] = []
        undecided = not final and self._begins(text[start : start + sizes.bit_length()])
        for size in _bits(sizes):
            end = start + size
            codes = self._codes.get(text[start:end]) if end <= len(text) else None
            if codes is None:
                continue
            if not final and undecided_after(text, end):
                undecided = True
            elif stands_alone(text, start, end):
                whole += ((end, code) for code in (codes if isinstance(codes, tuple) else (codes,)))
            else:
                joined.append(end)
        if whole or joined:
            return Seen(whole, undecided, joined)
        return UNDECIDED if undecided else NOTHING

    def _alone(self, word: str) -> int:
        return 1 << len(word) if word in self._codes else 0

    def _begins(self, text: str) -> bool:
        """Whether a longer phrase begins so, or this one."""
        at = bisect_left(self._sorted, text)
        return at < len(self._sorted) and self._sorted[at].startswith(text)


def _ordered(strings: Iterable[str]) -> list[str]:
    remaining: Iterator[str] = iter(strings)
    pieces = []
    while piece := sorted(islice(remaining, _PIECE)):
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else list(merge(*pieces))


def _bits(lengths: int) -> Iterator[int]:
    while lengths:
        low = lengths & -lengths
        yield low.bit_length() - 1
        lengths ^= low
