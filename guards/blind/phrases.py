"""Phrases known by their marks in a reply that is still coming."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, Self

from folding import UNSPACED, stands_alone
from guards.blind.known import Known, ends_in
from guards.blind.marks import TOKENS, Blind, Marks
from guards.leak.phrases import NOTHING, UNDECIDED, Phrases, Seen, undecided_after

Of = tuple[Blind, Marks, Sequence[int]]
"""A blind rule, some of its marks, and what they are to give as codes."""


class Sought(Protocol):
    """Phrases that are looked for at one place of a text after the other."""

    def __bool__(self) -> bool: ...

    def at(self, text: str, start: int, stop: int, final: bool) -> Seen:
        """What begins at `start`, where a token of the text ends at `stop`."""
        ...


class MarkedPhrases:
    """As `Phrases`, of phrases of which only the marks are kept.

    Nothing is known of a word before it has ended: one that still grows may become any, so it is
    held, unless it has more characters than `longest`.
    """

    def __init__(self, known: Known, longest: int) -> None:
        self._known = known
        self._longest = longest + 2  # a plural

    @classmethod
    def of(cls, marked: Iterable[Of]) -> Self:
        """The phrases of some rules, which were all marked with one key."""
        given = list(marked)
        key = given[0][0].key if given else b""
        longest = max((blind.longest for blind, _, _ in given), default=0)
        return cls(Known(key, ((marks, codes) for _, marks, codes in given)), longest)

    def __bool__(self) -> bool:
        return bool(self._known)

    def at(self, text: str, start: int, stop: int, final: bool) -> Seen:
        """What begins at `start`, where a token of the text ends at `stop`.

        `final` says that nothing comes after the text.
        """
        whole: list[tuple[int, int]] = []
        joined: list[int] = []
        undecided = False
        begin, end = start, stop
        while True:
            if end == len(text) and not final and _grows(text[begin]):
                undecided |= end - begin <= self._longest
                break
            for place, codes in ends_in(self._known.look, text, start, end):
                if not final and undecided_after(text, place):
                    undecided = True
                elif stands_alone(text, start, place):
                    whole += ((place, code) for code in codes)
                else:
                    joined.append(place)
            if not self._known.look(text[start:end]).begins:
                break
            token = TOKENS.search(text, end)
            if token is None:
                undecided |= not final
                break
            begin, end = token.span()
        if whole or joined:
            return Seen(whole, undecided, joined)
        return UNDECIDED if undecided else NOTHING


class EitherPhrases:
    """Phrases that are known, and some of which only the marks are."""

    def __init__(self, known: Phrases, marked: MarkedPhrases) -> None:
        self._known, self._marked = known, marked

    def __bool__(self) -> bool:
        return bool(self._known) or bool(self._marked)

    def at(self, text: str, start: int, stop: int, final: bool) -> Seen:
        """What of either begins there."""
        seen = self._known.at(text, start, stop, final)
        other = self._marked.at(text, start, stop, final)
        if seen is NOTHING or other is NOTHING:
            return seen if other is NOTHING else other
        return Seen(
            (*seen.whole, *other.whole), seen.open or other.open, (*seen.joined, *other.joined)
        )


def either(known: Phrases, marked: MarkedPhrases) -> Sought:
    """Both, or the one that has any: where nothing is blind, nothing is hashed."""
    if not marked:
        return known
    return EitherPhrases(known, marked) if known else marked


def _grows(character: str) -> bool:
    """Whether a token that begins so is a word, to which more may be added."""
    return character.isalnum() and not UNSPACED.match(character)
