"""The readings in which a disguised text says what it says.

Encoded parts are decoded, words written backwards, with other letters, with signs for letters
or letter by letter are read; also one disguise inside another. Texts that are what they seem
cost a few searches. Time and memory are linear in the length of the text.
"""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, repeat

from folding import fold
from guards.text.decode import decoded
from guards.text.edit import Reading, applied, region, with_capitals
from guards.text.language import reads
from guards.text.leet import plain_letters
from guards.text.respell import respelled
from guards.text.spaced import joined

_DEPTH = 2
"""Disguises inside one another that are seen through."""
_TIMES, _LEAST = 4, 4096
"""All views together have at most so many times the characters of the text, or so many."""
_EXPANDED = 4
"""Characters that one becomes, at most."""


@dataclass(frozen=True, slots=True)
class View:
    """A reading of all or a part of a text.

    `offsets` has len(text) + 1 entries that never decrease: where in the original each
    character came from; the last entry is the original's length.
    """

    name: str
    """The disguise, or several from the outermost: "base64+rot13"."""
    text: str = field(repr=False)
    offsets: Sequence[int] = field(repr=False)
    fluent: bool
    """Whether it reads as language, so that it is worth embedding."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The [start, end) in the original of a non-empty [start, end) in `text`."""
        first, last = self.offsets[start], self.offsets[end - 1]
        # Several characters may have come from one; the span takes it whole.
        following = bisect_right(self.offsets, last, end)
        return first, self.offsets[min(following, len(self.text))]


def views(text: str) -> Iterator[View]:
    """Every reading of a text other than itself, at most `_TIMES` as long as it altogether.

    What is likely meant comes before guesses, which are only good to look for names in.
    """
    plain, offsets = _plain(text)
    room = max(_LEAST, _TIMES * len(text))
    seen = {text, plain}
    level: list[View] = [View("", plain, offsets, False)]
    for _ in range(_DEPTH):
        deeper: list[View] = []
        for outer in level:
            for reading in _readings(outer.text):
                for view in _through(outer, reading):
                    if view.text in seen:
                        continue
                    room -= len(view.text)
                    if room < 0:
                        return
                    seen.add(view.text)
                    yield view
                    if view.fluent or reading.syntactic:
                        deeper.append(view)
        level = deeper


def _readings(text: str) -> Iterator[Reading]:
    yield from decoded(text)
    yield from joined(text)
    yield from plain_letters(text)
    yield from respelled(text)


def _through(outer: View, reading: Reading) -> Iterator[View]:
    """What a reading makes of a view, and what it makes of its part if that can stand alone."""
    name = f"{outer.name}+{reading.name}" if outer.name else reading.name
    text, offsets = applied(outer.text, with_capitals(outer.text, reading.edits))
    yield View(name, text, _composed(outer, offsets), reading.telling and reads(text))
    if reading.telling and (part := region(outer.text, reading.edits)) is not None:
        text, offsets = part
        if reads(text):
            yield View(name, text, _composed(outer, offsets), True)


def _composed(outer: View, inner: array[int]) -> Sequence[int]:
    """Where in the original what came from these places of a view came from."""
    if isinstance(outer.offsets, range):
        return inner
    return array("I", map(outer.offsets.__getitem__, inner))


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text in compatibility form without invisible characters; Latin letters for such as
    look like one, where that makes it all Latin. Case and accents stay.
    """
    if text.isascii():
        return text, range(len(text) + 1)
    parts = [c if c.isascii() else _latin(c) for c in text]
    if None in parts:
        parts = [c if c.isascii() else _compatible(c) for c in text]
    pieces = [part or "" for part in parts]
    offsets = array("I", chain.from_iterable(map(repeat, range(len(text)), map(len, pieces))))
    offsets.append(len(text))
    return "".join(pieces), offsets


@lru_cache(maxsize=1 << 14)
def _latin(character: str) -> str | None:
    """The Latin letter or the mark that a character looks like; None where there is none."""
    folded = fold(character).text
    if not folded.isascii():
        return None
    if character.isspace():
        return "\n" if character in "\u2028\u2029\x85" else " "
    if unicodedata.normalize("NFKD", character)[0].isascii():
        return unicodedata.normalize("NFKC", character)
    return folded.upper() if character.isupper() else folded


@lru_cache(maxsize=1 << 14)
def _compatible(character: str) -> str:
    if unicodedata.category(character) in {"Cf", "Cc"}:
        return ""
    compatible = unicodedata.normalize("NFKC", character)
    # One that stands for a phrase stays: a text of them would become eighteen times as long.
    return compatible if len(compatible) <= _EXPANDED else character
