"""Whether letters read as language: known words by their frequency, other words by their letters.

A word's surprise is -log10 of its probability: by the word lists where they have it, otherwise
by trigrams of letters learnt from the same lists. So "Quellin" is a likelier word than "Dhryyva".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import chain
from operator import add

from folding import fold
from guards.text.lexicon import english, frequency, words

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
"""A word; "don't" is one."""

UNKNOWN = 2.5
"""What it costs to be in no list."""
UNSEEN = 4.0
FOREIGN = 1.0
"""How much less likely a word of another language is."""
_OTHER = 1.0
"""Surprise of a letter of another script: neither for nor against."""
_FLUENT = 1.35
"""Surprise per letter up to which a text reads as language."""
_SAMPLE = 4000


def surprise(word: str) -> float:
    """-log10 of the probability of a word."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if not word.isascii():
        word = fold(word).text
    zipf = likelihood(word)
    if zipf:
        return 9.0 - zipf
    if "'" in word:
        return sum(map(surprise, filter(None, word.split("'"))))
    if not word.isascii():
        return UNKNOWN + _OTHER * len(word)
    return UNKNOWN + spelling(word)


def likelihood(word: str) -> float:
    """The frequency of a word in small letters; a foreign one is less likely than an English."""
    zipf = frequency(word)
    return max(english(word), zipf - FOREIGN) if zipf else 0.0


def spelling(word: str) -> float:
    """-log10 of the probability of a word's letters, in lower case, by their trigrams."""
    costs = trigrams()
    padded = f"  {word} "
    return sum(costs.get(padded[i : i + 3], UNSEEN) for i in range(len(word) + 1))


def reads(text: str) -> bool:
    """Whether a text reads as language; of a long one the two ends are looked at."""
    if len(text) > 2 * _SAMPLE:
        text = f"{text[:_SAMPLE]} {text[-_SAMPLE:]}"
    found = WORD.findall(text)
    letters = sum(map(len, found))
    if letters < 3 or letters < 0.5 * len(text.strip()):
        return False
    return sum(map(surprise, found)) < _FLUENT * (letters + len(found))


@lru_cache(maxsize=1)
def trigrams() -> dict[str, float]:
    """-log10 of the probability of the third letter after two; two blanks before a word."""
    known = "".join(chain.from_iterable(("  ", w) for w in words() if w.isascii() and w.isalpha()))
    counts = Counter(map(add, map(add, known, known[1:]), known[2:]))
    pairs: Counter[str] = Counter()
    for trigram, count in counts.items():
        pairs[trigram[:2]] += count
    return {
        trigram: -math.log10((count + 0.5) / (pairs[trigram[:2]] + 15))
        for trigram, count in counts.items()
    }
