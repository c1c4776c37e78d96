"""How common a word is: tells words from typos and gibberish, common surnames from rare ones.

Counts of wordfreq (Speer 2022), whose short lists hold what occurs once in a million words or
more, in the languages that prompts are mostly written in and that use Latin letters.
"""

from __future__ import annotations

from functools import lru_cache

import wordfreq

from guards.text.fold import fold

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")


def frequency(word: str) -> float:
    """How common a word is in the language that uses it most: the Zipf scale, 3.0 to 8.0.

    That is the logarithm of its occurrences per billion words: 7 is "and", 5 "story", 3 once in
    a million. 0.0 where no list has it. Letter case and accents do not matter.
    """
    table = _table()
    found = table.get(word)
    return found if found is not None else table.get(fold(word).text, 0.0)


@lru_cache(maxsize=1)
def _table() -> dict[str, float]:
    """The folded words of all lists; read once, at the first question."""
    table: dict[str, float] = {}
    for language in LANGUAGES:
        # Bucket i holds the words that occur 10^(-i/100) times a word.
        for bucket, words in enumerate(wordfreq.get_frequency_list(language, "small")):
            zipf = (900 - bucket) / 100
            for word in words:
                folded = word if word.isascii() else fold(word).text
                if zipf > table.get(folded, 0.0):
                    table[folded] = zipf
    wordfreq.get_frequency_list.cache_clear()
    return table
