"""Passages, known by keyed fingerprints of their runs of words: their text need not be kept.

A shingle is eight words in a row; of a script that sets no spaces, sixteen characters (Broder, "On
the resemblance and containment of documents", 1997, where the fingerprints are not keyed).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from folding import UNSPACED
from guards.leak.plain import LONGEST_WORD, TOKEN, plain
from guards.rule import Fingerprints

WORDS, CHARACTERS = 8, 16
"""Tokens of a shingle that ends with a word, and of one that ends with an unspaced character."""


def is_word(token: str) -> bool:
    """Whether a token counts in a shingle: punctuation does not."""
    return token[0].isalnum()


def fingerprint(key: bytes, words: Sequence[str]) -> int | None:
    """The fingerprint of the shingle that some words in a row end with; None of too few words."""
    size = CHARACTERS if UNSPACED.match(words[-1]) else WORDS
    if len(words) < size:
        return None
    said = " ".join(word[:LONGEST_WORD] for word in words[-size:])
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8, key=key).digest(), "little")


def fingerprints(key: bytes, passages: Iterable[str]) -> Fingerprints:
    """The fingerprints of all shingles of some passages, each once."""
    found: set[int] = set()
    for passage in passages:
        words = words_of(passage)
        for end in range(1, len(words) + 1):
            mark = fingerprint(key, words[max(0, end - CHARACTERS) : end])
            if mark is not None:
                found.add(mark)
    return np.array(sorted(found), np.uint64)


def words_of(text: str) -> list[str]:
    """The words of a text as shingles count them."""
    return [token for token in TOKEN.findall(plain(text).text) if is_word(token)]


class Shingles:
    """The fingerprints of many rules, each with the code of its rule. Twelve bytes a shingle."""

    def __init__(self, marks: Iterable[tuple[Fingerprints, int]]) -> None:
        given = [(mark, code) for mark, code in marks if mark.size]
        every = np.concatenate([np.empty(0, np.uint64), *(mark for mark, _ in given)])
        codes = np.repeat([code for _, code in given], [mark.size for mark, _ in given])
        order = np.argsort(every, kind="stable")
        self._codes = codes.astype(np.int32)[order]
        self._marks: Sequence[int] = every[order].data  # bisected as it is, without any objects

    def __bool__(self) -> bool:
        return len(self._marks) > 0

    def find(self, mark: int) -> Iterator[int]:
        """The codes of the rules that have a shingle."""
        at = bisect_left(self._marks, mark)
        while at < len(self._marks) and self._marks[at] == mark:
            yield int(self._codes[at])
            at += 1
