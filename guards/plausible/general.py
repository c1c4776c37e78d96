"""Questions and statements that everybody could make: they name nobody and nothing rare."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import Literal

from folding import fold
from guards.names.views import name_view
from guards.plausible.common import per_million
from guards.talk.reading import Reading
from guards.talk.reference import refers_back
from guards.text.words import telling

Generality = Literal["nothing", "anything", "perhaps"]
"""It says nothing at all; what it says could be asked of anything; it may name something."""

_RARE = 10.0
"""Occurrences per million words below which a word tells what a text is about."""
_LONG_NUMBER = 5
_LETTERS = 3
_DETAILED = 6
"""Words that say something, from which a text with a name or a number in it is no general one."""


def generality(text: str, names: Collection[str]) -> Generality | None:
    """How general a filed question, statement or passage is; None where it tells what it is about.

    `names` are those of the subject by which a text is known to be about it: that hold them, or
    that mean it by "she".
    """
    folded = name_view(text).text
    views = [name_view(name).text.strip() for name in names]
    if any(f" {view} " in f" {' '.join(folded.split())} " for view in views):
        return None
    read = Reading.of(text)
    if views and refers_back(read, frozenset(word for view in views for word in view.split())):
        return None
    words = telling(fold(text).text)
    named = any((word.capital and not word.first) for word in read.words)
    if any(map(_rare, words)) or (len(words) >= _DETAILED and (named or _numbers(words))):
        return None
    if any(
        one.capital and other.capital and not one.first
        for one, other in pairwise(read.words)
        if not read.one_case and not other.gap.strip()
    ):
        return "perhaps"
    return "anything" if words else "nothing"


def _numbers(words: Collection[str]) -> bool:
    return any(map(str.isdigit, words))


def _rare(word: str) -> bool:
    if word.isdigit():
        return len(word) >= _LONG_NUMBER
    return len(word) >= _LETTERS and per_million(word) < _RARE
