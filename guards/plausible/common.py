"""How often a phrase stands in ordinary text, estimated from how common its words are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import wordfreq

from folding import fold
from guards.text.lexicon import frequency

_WORD = re.compile(r"[^\W_]+")
_KIND = 1e6
_TOGETHER = 300.0
"""How much likelier a word is beside another one of the same phrase than anywhere: in "New York"
more, in "Blue Harbour" less."""
_RARE = 500
"""Bucket of wordfreq from which words occur less than ten times in a million."""

_SCRIPTS = (
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk")),
    (re.compile("[\u3400-\u9fff]"), ("zh", "ja")),
    (re.compile("[\u3040-\u30ff]"), ("ja",)),
    (re.compile("[\uac00-\ud7af]"), ("ko",)),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
    (re.compile("[\u0900-\u097f]"), ("hi",)),
)
"""Scripts whose languages `guards.text.lexicon` does not hold, for prompts need them too seldom."""


def words_of(text: str) -> list[str]:
    """The folded words of a text as it was written, in order."""
    return _WORD.findall(fold(text).text)


def per_million(text: str) -> float:
    """How often a phrase is expected in a million words of ordinary text, in any letter case.

    By the counts of wordfreq (Speer 2022) where it is one word, from those of its words otherwise;
    never more often than the rarest of them.
    """
    rates = [_rate(word) for word in words_of(text)]
    joint = rates[0] if rates else 0.0
    for rate in rates[1:]:
        joint *= rate / _KIND * _TOGETHER
    return min(joint, *rates) if rates else 0.0


def _rate(word: str) -> float:
    zipf = frequency(word)
    if not zipf and not word.isascii():
        zipf = max((_foreign(code).get(word, 0.0) for code in _languages(word)), default=0.0)
    return 10 ** (zipf - 3) if zipf else 0.0


def _languages(word: str) -> Iterable[str]:
    for script, codes in _SCRIPTS:
        if script.search(word):
            yield from codes


@lru_cache(maxsize=len(_SCRIPTS) * 2)
def _foreign(language: str) -> dict[str, float]:
    """The folded common words of a language with their frequency on the Zipf scale."""
    buckets = wordfreq.get_frequency_list(language, "small")
    wordfreq.get_frequency_list.cache_clear()
    return {
        fold(word).text: (900 - bucket) / 100
        for bucket in reversed(range(min(_RARE, len(buckets))))
        for word in buckets[bucket]
    }
