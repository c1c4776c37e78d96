"""Whose relative is asked for: "Who is the brother of Tom Quell?", "Tom Quell's sister"."""

from __future__ import annotations

from folding import fold
from guards.names.said import Said
from guards.talk.vocabulary import KIN

_MORE_KIN = frozenset(
    "sisters brothers siblings children sons daughters twin twins grandson granddaughter "
    "grandchild grandparent niece nephew stepson stepdaughter stepbrother stepsister enkel "
    "enkelin nichte neffe cousine petit hermanos nieto nieta sobrino sobrina nipote".split()
)
_KIN = frozenset(fold(word).text for word in KIN | _MORE_KIN)
_OF = frozenset("of to von de del di du".split())
_WHO = frozenset("who whose which what whom wer welche welcher qui quel quelle quien chi".split())
_BETWEEN = 4
"""Words that may tell what somebody is: "the son of the retired footballer Tom Quell"."""
_OWNED = 3
"""Words that may tell which relative: "Tom Quell's younger half-brother"."""
_ASKED = 12
"""Words before the relative, of which one asks."""


def kin_asked(said: Said, first: int, last: int) -> bool:
    """Whether a relative of whom words first..last name is asked for.

    Such a question names somebody with the surname of whom it means, so the surname of another
    is here a hint and not the sign of a namesake. A relative that is only told ("Ann, the sister
    of Tom Quell") asks for nobody.
    """
    at = _before(said, first)
    if at is None:
        at = _behind(said, last)
    return at is not None and any(
        word in _WHO for word in said.words[max(0, min(at, first) - _ASKED) : max(at, last) + 1]
    )


def _before(said: Said, first: int) -> int | None:
    """Where the relative stands in "brother of … Tom Quell"."""
    for i in range(first - 1, max(0, first - 2 - _BETWEEN), -1):
        if said.parted(i):
            return None
        if said.words[i] in _OF and said.words[i - 1] in _KIN:
            return i - 1
    return None


def _behind(said: Said, last: int) -> int | None:
    """Where the relative stands in "Tom Quell's … brother"."""
    end = min(last + 3 + _OWNED, len(said.words))
    if last + 2 >= len(said.words) or said.gap(last) not in {"'", "’"}:
        return None
    if said.words[last + 1] != "s":
        return None
    for i in range(last + 2, end):
        if said.parted(i - 1):
            return None
        if said.words[i] in _KIN:
            return i
    return None
