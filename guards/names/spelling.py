"""Which of many words a misspelt or foreign one stands for: a deletion neighbourhood.

Two words within d edits share a word that both become by leaving out at most d letters (Mor &
Fraenkel 1982; SymSpell), so that a look-up costs the same however many words there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from guards.names.deletions import Numbers, numbers, numbers_of
from guards.names.script import readings, skeletons, sound

_SHORTEST, _LONG, _LONGEST = 3, 8, 24
"""Letters from which a word may have one error, from which two; longer words have one again."""
_MOST = 64
"""Words that one misspelt word can stand for, at most."""
_UMLAUTS = ("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")


class Spellings:
    """Some words by how they may be written; immutable."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._known: dict[str, list[str]] = {}
        """Words by what they become when their umlauts are written alike."""
        for word in words:
            self._known.setdefault(_plain(word), []).append(word)
        keys, owners = numbers(words, [_left_out(word, _errors(word)) for word in words])
        spoken = [f"={each}" for each in skeletons(words)]
        sounds, heard = numbers(spoken, [0] * len(spoken))
        keys, owners = np.concatenate([keys, sounds]), np.concatenate([owners, heard])
        order = np.argsort(keys)
        self._keys: Numbers = keys[order]
        self._owners: NDArray[np.uint32] = owners[order]

    def __contains__(self, word: str) -> bool:
        return word in self._known.get(_plain(word), ())

    def misspelt(self, word: str) -> list[str]:
        """The words that this one may be, with a typo or two: the likeliest first."""
        if not 1 < len(word) <= _LONGEST:
            return []
        found = []
        for known in self._sharing(word, 1 if len(word) < _LONG - 2 else 2):
            errors = OSA.distance(word, known, score_cutoff=_errors(known))
            # With another letter before it, it is more often another name: "amira", "mira".
            if 0 < errors <= _errors(known) and (len(known) > 4 or word[1:] != known):
                found.append((errors, known))
        return [known for _, known in sorted(found)[:_MOST]]

    def respelt(self, word: str) -> list[str]:
        """The other words that only differ in how an umlaut is written: "mueller", "muller"."""
        return [known for known in self._known.get(_plain(word), ()) if known != word]

    def read(self, foreign: str) -> dict[str, float]:
        """The words that one in another script can stand for, by how both sound.

        Each with the part of the sounds that they share, 0 to 1.
        """
        return {
            word: fuzz.ratio(sound(word), sound(latin)) / 100
            for latin in readings(foreign)
            for word in islice(self._sharing(f"={skeletons([latin])[0]}", 0), _MOST)
        }

    def _sharing(self, word: str, most: int) -> Iterator[str]:
        """The words that become what this one does."""
        keys = numbers_of(word, _left_out(word, most))
        begin = np.searchsorted(self._keys, keys, "left")
        end = np.searchsorted(self._keys, keys, "right")
        hits = np.flatnonzero(end > begin)
        sharing = {number for i in hits for number in self._owners[begin[i] : end[i]].tolist()}
        return (self._words[number] for number in sharing)


def _errors(word: str) -> int:
    """How many errors a word may have."""
    if len(word) < _SHORTEST:
        return 0
    return 2 if _LONG <= len(word) <= _LONGEST - _LONG else 1


def _left_out(word: str, most: int) -> int:
    """How many letters of a word are left out, at most."""
    return most if len(word) <= _LONGEST else 0


def _plain(word: str) -> str:
    for written, letter in _UMLAUTS:
        if written in word:
            word = word.replace(written, letter)
    return word
