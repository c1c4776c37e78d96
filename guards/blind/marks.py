"""Phrases as keyed hashes: what is kept of them, and how a text is compared with that."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from guards.leak.plain import TOKEN
from guards.rule import Fingerprints

TOKENS = re.compile(rf"{TOKEN.pattern}|_")
"""What a phrase is made of: words, characters of scripts without spaces, symbols."""

_PURPOSE = b"phrase"
"""So that no mark is the fingerprint of a passage under the same key."""


def mark(key: bytes, text: str) -> int:
    """The keyed hash of a folded text: 64 bits of BLAKE2b (RFC 7693), `key` at most 64 bytes."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=key, person=_PURPOSE).digest()
    return int.from_bytes(digest, "little")


def marks_of(key: bytes, texts: Iterable[str]) -> Fingerprints:
    """The marks of some folded texts, each once; their order says nothing."""
    return np.array(sorted({mark(key, text) for text in texts}), np.uint64)


@dataclass(frozen=True, slots=True)
class Marks:
    """Some phrases as marks: of each whole, with its code, and of what it begins with.

    `begun` are the marks of the beginnings of all of them that end with a word or symbol, so that
    a text is read on only where one of them has begun. Which belong together is not kept.
    """

    whole: Fingerprints = field(repr=False)
    codes: tuple[int, ...] = field(repr=False)
    begun: Fingerprints = field(repr=False)

    @classmethod
    def of(cls, key: bytes, phrases: Iterable[tuple[str, int]]) -> Marks:
        """The marks of folded phrases with their codes; what has no word or symbol is left out."""
        whole: set[tuple[int, int]] = set()
        begun: set[int] = set()
        for phrase, code in phrases:
            ends = [token.span() for token in TOKENS.finditer(phrase)]
            if ends:
                # From its first token on: only there is it looked for.
                begin = ends[0][0]
                whole.add((mark(key, phrase[begin : ends[-1][1]]), code))
                begun.update(mark(key, phrase[begin:end]) for _, end in ends[:-1])
        ordered = sorted(whole)
        return cls(
            np.array([number for number, _ in ordered], np.uint64),
            tuple(code for _, code in ordered),
            np.array(sorted(begun), np.uint64),
        )


@dataclass(frozen=True, slots=True)
class Blind:
    """What a rule keeps instead of its phrases, names, words and values.

    `key` made the marks; it is handed in and never stored with them. `names` are what names the
    rule in a prompt, with what each is to it (see `guards.names.writings`); `always` what no reply
    may hold, with 1 for a name; `anchors` the subject's names and `values` the values as replies
    have them. `subject` are the words of the names, `words` those of the covered texts. `longest`
    is how many characters the longest word of a phrase may have.
    """

    key: bytes = field(repr=False)
    names: Marks = field(repr=False)
    always: Marks = field(repr=False)
    anchors: Marks = field(repr=False)
    values: Marks = field(repr=False)
    subject: Fingerprints = field(repr=False)
    words: Fingerprints = field(repr=False)
    whole_subject: bool
    longest: int

    def of_subject(self, words: Iterable[str]) -> frozenset[str]:
        """Of some folded words those of the subject's names; of a plural, its singular."""
        every = {form for word in words for form in (word, word.removesuffix("s"))}
        return self._known(every, self.subject)

    def filed(self, words: Iterable[str]) -> frozenset[str]:
        """Of some folded words those of the covered texts."""
        return self._known(words, self.words)

    def _known(self, words: Iterable[str], marks: Fingerprints) -> frozenset[str]:
        known = set(marks.tolist())
        return frozenset(word for word in words if known and mark(self.key, word) in known)
