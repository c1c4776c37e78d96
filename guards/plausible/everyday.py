"""Passages that everybody quotes: licences, formulas of letters, prayers, filler."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from guards.leak.shingles import CHARACTERS, WORDS, fingerprint, fingerprints, words_of

_KEY = b"everyday"
"""Nothing secret: it tells these fingerprints from those of filed passages."""


def everyday_from(passage: str) -> int | None:
    """The number of the word, from 1, at which a passage begins to say what everybody quotes.

    None where it has no run of words, as `guards.leak.shingles` counts them, of such a text.
    """
    known, words = _known(), words_of(passage)
    for end in range(1, len(words) + 1):
        run = words[max(0, end - CHARACTERS) : end]
        mark = fingerprint(_KEY, run)
        if mark is not None and mark in known:
            return max(1, end - WORDS + 1)
    return None


@lru_cache(maxsize=1)
def _known() -> frozenset[int]:
    text = files("guards").joinpath("plausible/shipped/everyday.txt").read_text("utf-8")
    return frozenset(map(int, fingerprints(_KEY, text.splitlines())))
