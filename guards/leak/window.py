"""The end of a text that comes in pieces, as it was written and in the form that is compared."""

from __future__ import annotations

from bisect import bisect_left
from copy import copy
from typing import Self

from folding import Folded
from guards.leak.plain import LONGEST_WORD, TOKEN, WORD, plain
from guards.names.said import Said
from guards.text.segment import ends

KEPT = 1_000
"""Characters kept before what is looked at: for word boundaries, and for what else stands in the
same sentence."""

_NEAR = 200
"""Characters around a phrase by which it is told whether it is a name."""

Token = tuple[int, int]
"""[start, end) of a token in the plain text."""


class Window:
    """`raw`, of which the first `sent` characters have passed, and `plain`, its compared form."""

    def __init__(self) -> None:
        self.raw = ""
        self.sent = 0
        self.plain = ""
        self.base = 0
        """Characters of the plain text that were let go of."""
        self.told = 0
        """Up to where in `plain` the reader had the text before."""
        self.next = 0
        """Where in `plain` the first token begins that is not complete yet."""
        self._at: list[int] = []
        """Where in `raw` each character of `plain` began."""
        self._inside = False
        """Whether `next` is inside a word too long to be read again and again."""

    def fork(self) -> Self:
        """Another one with the same text."""
        other = copy(self)
        other._at = [*self._at]
        return other

    def take(self, text: str) -> None:
        """Add what has come."""
        folded = plain(text)
        skipped = self.plain.endswith(" ") and folded.text.startswith(" ")
        begin = len(self.raw)
        self.raw += text
        self.plain += folded.text[skipped:]
        offsets = folded.offsets
        if isinstance(offsets, range):  # nearly always: character for character
            self._at.extend(range(begin + skipped, begin + len(offsets) - 1))
        else:
            self._at += [begin + at for at in offsets[skipped:-1]]

    def tokens(self, final: bool) -> list[Token]:
        """The tokens from `next` on, which moves to the one that may still grow, or to the end."""
        text = self.plain
        if self._inside:
            going_on = WORD.match(text, self.next)
            self.next = going_on.end() if going_on else self.next
            self._inside = self.next == len(text)
        found = [token.span() for token in TOKEN.finditer(text, self.next)]
        self.next = len(text)
        if found and not final and found[-1][1] == len(text):
            begin = text[found[-1][0]]
            if begin.isalnum() and (begin.isascii() or WORD.match(begin)):
                self.next = found[-1][0]
        return found

    def lately(self, place: int) -> list[Token]:
        """The complete tokens from before a place on, to be looked at again.

        What has passed of them is told.
        """
        self.told = max(self.told, bisect_left(self._at, self.sent))
        return [t.span() for t in TOKEN.finditer(self.plain, max(0, place - _NEAR), self.next)]

    def give_up(self) -> bool:
        """Take the token that may still grow for a complete one where it is very long."""
        self._inside = len(self.plain) - self.next > LONGEST_WORD
        if self._inside:
            self.next = len(self.plain)
        return self._inside

    def release(self, until: int | None) -> str:
        """What has not passed yet of the text up to a place in `plain`; None means all."""
        end = len(self.raw) if until is None or until >= len(self._at) else self._at[until]
        begin, self.sent = self.sent, max(self.sent, end)
        return self.raw[begin : self.sent]

    def after(self, place: int) -> str:
        """The text from a place in `plain` on."""
        return self.raw[self._at[place] :] if place < len(self._at) else ""

    def trim(self, first: int) -> int:
        """Let go of what is far before a place in `plain`; by how much all places move."""
        gone = bisect_left(self._at, self.sent, 0, min(first, self.next)) - KEPT
        if gone <= 0:
            return 0
        cut = self._at[gone]
        self.raw, self.sent = self.raw[cut:], self.sent - cut
        self.plain, self._at = self.plain[gone:], [at - cut for at in self._at[gone:]]
        self.base += gone
        self.told -= gone
        self.next -= gone
        return gone

    def apart(self, first: int, second: int) -> bool:
        """Whether a sentence ends between two places of the whole plain text."""
        start, end = (max(place - self.base, 0) for place in (first, second))
        return any(True for _ in ends(self.raw[self._at[start] : self._at[end]]))

    def could_name(self, start: int, end: int) -> bool:
        """Whether a phrase is written as a name: ordinary words need capitals, and so does one
        word alone, where its script has them."""
        if " " not in self.plain[start:end]:
            letter = self.raw[self._at[start]]
            return letter.isupper() or letter.upper() == letter.lower()
        begin, stop = max(0, start - _NEAR), min(len(self.plain), end + _NEAR)
        last = self._at[stop] if stop < len(self._at) else len(self.raw)
        said = Said(Folded(self.plain[begin:stop], [*self._at[begin:stop], last]), self.raw)
        word = bisect_left(said.starts, start - begin)
        return said.could_name(word, said.index(end - begin, word))
