"""How common a word is: tells words from typos and gibberish, common surnames from rare ones.

Counts of wordfreq (Speer 2022), whose short lists hold what occurs once in a million words or
more, in the languages that prompts are mostly written in and that use Latin letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import wordfreq

from folding import fold

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")


def frequency(word: str) -> float:
    """How common a word is in the language that uses it most: the Zipf scale, 3.0 to 8.0.

    That is the logarithm of its occurrences per billion words: 7 is "and", 5 "story", 3 once in
    a million. 0.0 where no list has it. Letter case and accents do not matter.
    """
    found = _table().get(word)
    if found is not None:
        return found
    if word.isascii() and word.islower():
        return 0.0
    return _table().get(fold(word).text, 0.0)


def words() -> Iterable[str]:
    """Every folded word that has a frequency."""
    return _table().keys()


def english(word: str) -> float:
    """The same in English alone, of a word in small letters."""
    return _english().get(word, 0.0)


@lru_cache(maxsize=1)
def _table() -> dict[str, float]:
    """The words of all lists; read once, at the first question."""
    table: dict[str, float] = {}
    for language in LANGUAGES:
        for word, zipf in _list(language).items():
            if zipf > table.get(word, 0.0):
                table[word] = zipf
    return table


@lru_cache(maxsize=1)
def _english() -> dict[str, float]:
    return _list("en")


def _list(language: str) -> dict[str, float]:
    """The folded words of a language, the more common ones last."""
    # Bucket i holds the words that occur 10^(-i/100) times a word.
    buckets = wordfreq.get_frequency_list(language, "small")
    wordfreq.get_frequency_list.cache_clear()
    return {
        word if word.isascii() else fold(word).text: (900 - bucket) / 100
        for bucket in reversed(range(len(buckets)))
        for word in buckets[bucket]
    }
