"""Which of some texts hold which words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from guards.blind.marks import mark

_MISSPELT = 4
"""Letters from which a word may be a name that is misspelt."""
_ENDINGS = ("s", "es", "'s")


class Words:
    """Which of some texts hold a word, also as a plural or possessive."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        places: dict[str, set[int]] = defaultdict(set)
        for number, words in enumerate(texts):
            for word in words:
                places[word].add(number)
                for ending in _ENDINGS:
                    if word.endswith(ending):
                        places[word.removesuffix(ending)].add(number)
        self._places = dict(places)
        self._words = list(places)

    def with_any(self, words: Iterable[str], misspelt: bool = False) -> Iterator[int]:
        """The texts that hold one of some words, or one that differs from it by a letter."""
        words = list(words)
        for word in words:
            yield from self._places.get(word, ())
        long = [word for word in words if len(word) >= _MISSPELT] if misspelt else []
        if long and self._words:
            near = cdist(long, self._words, scorer=OSA.distance, score_cutoff=1) <= 1
            for column in np.flatnonzero(near.any(axis=0)).tolist():
                yield from self._places[self._words[column]]

    def with_marked(self, key: bytes, marks: Iterable[int]) -> Iterator[int]:
        """The texts that hold a word whose mark, made by a key, is one of some."""
        known = frozenset(marks)
        for word, places in self._places.items():
            if mark(key, word) in known:
                yield from places

    def with_all(self, phrases: Iterable[Iterable[str]]) -> Iterator[int]:
        """The texts that hold all words of one of some phrases."""
        for words in phrases:
            places = [self._places.get(word, set()) for word in words]
            if places:
                yield from set.intersection(*places)
