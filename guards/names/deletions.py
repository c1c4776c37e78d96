"""Words, and what they become by leaving out a letter or two, as numbers.

A word's number is a polynomial of its letters modulo 2^64 (Karp & Rabin 1987), so that to leave
one out is a subtraction, done for all words of a length at once. Different words hardly ever have
the same number: whoever finds one looks at the words themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15
_BACK = pow(_BASE, -1, 1 << 64)
"""What moves the letters behind one that is left out a place forward."""


def numbers(words: Sequence[str], most: Sequence[int]) -> tuple[Numbers, NDArray[np.uint32]]:
    """The numbers of words and of what they become, each with the place of its word.

    Of every word at most as many letters are left out as `most` says, 0 to 2.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for place, (word, errors) in enumerate(zip(words, most, strict=True)):
        alike.setdefault((len(word), errors), []).append(place)
    found, owners = [np.empty(0, np.uint64)], [np.empty(0, np.uint32)]
    for (length, errors), places in alike.items():
        if length:
            become = _shortened([words[place] for place in places], length, errors)
            found.append(become.ravel())
            owners.append(np.repeat(np.array(places, np.uint32), become.shape[1]))
    return np.concatenate(found), np.concatenate(owners)


@lru_cache(maxsize=1 << 12)
def numbers_of(word: str, most: int) -> Numbers:
    """The same of one word, which every part of a rule set asks for in turn."""
    return numbers([word], [most])[0]


def _shortened(words: Sequence[str], length: int, most: int) -> Numbers:
    """The numbers of some words of one length and of what they become, shape (words, ways)."""
    letters = np.array(words, f"<U{length}").view("<u4").reshape(-1, length)
    begun = np.zeros((len(words), length + 1), np.uint64)
    np.cumsum(letters * _powers(length), axis=1, out=begun[:, 1:])
    found = [begun[:, -1:]]
    for left_out in range(1, min(most, length) + 1):
        ways, back = _ways(length, left_out), _powers(left_out + 1, _BACK)
        become = begun[:, ways[0]]
        for i in range(left_out):
            # What stands between a letter left out and the next one, or the end.
            become += (begun[:, ways[i + 1]] - begun[:, ways[i] + 1]) * back[i + 1]
        found.append(become)
    return np.concatenate(found, axis=1)


@lru_cache(maxsize=64)
def _powers(count: int, base: int = _BASE) -> Numbers:
    return np.array([pow(base, power, 1 << 64) for power in range(count)], np.uint64)


@lru_cache(maxsize=64)
def _ways(length: int, left_out: int) -> NDArray[np.intp]:
    """The places of the letters that are left out, first to last, and the end, of every way."""
    ways = [(*places, length) for places in combinations(range(length), left_out)]
    return np.array(ways, np.intp).T
