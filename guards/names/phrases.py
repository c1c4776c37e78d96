"""Exact phrases of many rules in one pass: Aho–Corasick over folded text."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from guards.rule import Rule
from guards.text.boundary import stands_alone
from guards.text.fold import Folded, fold

_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_])\. ?")
_SPACES = re.compile(r"  +")
_SYMBOLS = (
    r"\x00-\x1f!-&(-/:-@\[-`{-~\xa1-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u060c\u061b\u061f"
    r"\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u30fb\U0001f000-\U0001faff"
)
"""Punctuation and symbols: named, because what is no letter includes Indic vowel signs."""
_LETTER = r"[^\W_]"
_NICKNAME = re.compile(rf"[\"'“„«(\[](?<={_LETTER} .){_LETTER}+[\"'”“»)\]](?= {_LETTER})")
_BETWEEN = re.compile(
    # A symbol after a word, perhaps with a space between; but not the apostrophe of "O'Brien".
    rf"[{_SYMBOLS}'](?:(?<={_LETTER}.)|(?<={_LETTER} .))(?!(?<={_LETTER}'){_LETTER})"
    rf"(?:[ {_SYMBOLS}]|'(?!{_LETTER})|(?<!{_LETTER})')*(?={_LETTER})",
    re.DOTALL,
)
_RUN = re.compile(rf"([{_SYMBOLS}][ {_SYMBOLS}]{{8}})[ {_SYMBOLS}]+")
"""Padding of which only the beginning is kept: it must not push a name out of a view's end."""

_PIECE = 1 << 16
_TAIL = 4096
"""More than any phrase has characters when folded: what two pieces of a text share."""
_ENDING = 4
"""Characters that decide whether a phrase ends: its possessive or plural, and what follows."""
_JOINED = 8
"""Letters from which a name is also looked for without its spaces: "miraquell"."""


@dataclass(frozen=True, slots=True)
class NameHit:
    """A phrase or an anchor of a rule, at [start, end) of the searched view's text."""

    rule: Rule
    start: int
    end: int
    detector: str
    """What saw it: "name" (a phrase of the rule) or "anchor" (its subject, no more)."""
    weight: float
    """1: a match by itself; less: what it adds to the cosine of its window to the subject."""

    @property
    def sure(self) -> bool:
        """Whether it matches by itself."""
        return self.weight >= 1


Find = Callable[[str], Iterator[NameHit]]


def name_view(text: str) -> Folded:
    """The folded text, the dot after an initial taken for a space.

    "M. Quell", "M.Quell" and "M Quell" become the same.
    """
    return _initials(fold(text))


def loose_view(text: str) -> Folded:
    """The `name_view`, whatever else stands between two words taken for a space.

    "Mira_Quell", "Mira/Quell", "Mira + Quell" and 'Mira "Mimi" Quell' become "mira quell".
    """
    return _loosened(name_view(text))


def sightings(text: str, find: Find) -> Iterator[tuple[NameHit, tuple[int, int]]]:
    """What `find` sees in a text of any length, each with its [start, end) in that text.

    A text is looked at in both views: the strict one knows phrases such as "C++". A long one is
    taken piece by piece, each with the end of the folded one before it, so that memory stays
    bounded and no padding can part a name.
    """
    if len(text) <= _PIECE:
        strict = name_view(text)
        loose = _loosened(strict)
        for view in (strict,) if loose is strict else (strict, loose):
            for hit in find(view.text):
                yield hit, view.span(hit.start, hit.end)
        return
    strict = loose = Folded("", range(1))
    for begin in range(0, len(text), _PIECE):
        piece = fold(text[begin : begin + _PIECE])
        offsets = np.asarray(piece.offsets, np.uint32) + np.uint32(begin)
        last = begin + _PIECE >= len(text)
        strict = _initials(_after(strict, piece.text, offsets))
        loose = _loosened(_initials(_after(loose, piece.text, offsets).shortened(_RUN, "")))
        for view in (strict, loose):
            known = len(view.text) if last else len(view.text) - _ENDING
            for hit in find(view.text):
                # Where the view is cut, a part of a word looks like a whole one.
                if hit.end <= known and (hit.start > 0 or begin == 0):
                    yield hit, view.span(hit.start, hit.end)


def _after(before: Folded, text: str, offsets: NDArray[np.uint32]) -> Folded:
    """The end of a view, and what follows it."""
    joined = array("I", before.offsets[:-1][-_TAIL:])
    joined.frombytes(offsets.tobytes())
    return Folded(before.text[-_TAIL:] + text, joined).shortened(_SPACES)


def _initials(folded: Folded) -> Folded:
    return folded.shortened(_INITIAL) if "." in folded.text else folded


def _loosened(folded: Folded) -> Folded:
    loose = folded.shortened(_NICKNAME).shortened(_BETWEEN)
    return loose if loose is folded else loose.shortened(_SPACES)


class Names:
    """The phrases and anchors of some rules; immutable, shared between threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        carriers: dict[str, dict[tuple[int, bool], None]] = {}
        for number, rule in enumerate(rules):
            sure = dict.fromkeys(rule.phrases, True)
            for phrase, certain in (dict.fromkeys(rule.anchors, False) | sure).items():
                for written in _writings(phrase):
                    carriers.setdefault(written, {})[number, certain] = None
        self._rules = rules
        self._automaton = ahocorasick.Automaton() if carriers else None
        if self._automaton is not None:
            for phrase, numbers in carriers.items():
                self._automaton.add_word(phrase, (len(phrase), tuple(numbers)))
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[NameHit]:
        """Every phrase and anchor that stands alone in the text of a `name_view`."""
        if self._automaton is None:
            return
        for last, (length, numbers) in self._automaton.iter(text):
            start, end = last + 1 - length, last + 1
            if stands_alone(text, start, end):
                for number, sure in numbers:
                    detector, weight = ("name", 1.0) if sure else ("anchor", 0.0)
                    yield NameHit(self._rules[number], start, end, detector, weight)


def _writings(phrase: str) -> set[str]:
    """A phrase as the views show it, and in one word where that is long enough to be no other."""
    strict = name_view(phrase).text.strip()
    found = {strict, loose_view(phrase).text.strip()}
    joined = strict.replace(" ", "")
    if len(joined) >= _JOINED and joined.isalnum():
        found.add(joined)
    return found - {""}
