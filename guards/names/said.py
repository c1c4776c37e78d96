"""The words of a view of a text, and what their writing tells: capitals and sentence ends."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from functools import cached_property
from operator import add, methodcaller

from folding import UNSPACED, Folded
from guards.text.lexicon import frequency
from guards.text.words import STOP

_UNSPACED_SET = UNSPACED.pattern
_WORD = re.compile(r"[^\W_]+")
_ANY_WORD = re.compile(rf"{_UNSPACED_SET}|(?:(?!{_UNSPACED_SET})[^\W_])+")
"""Words; where no space is set between them, single characters."""
_SENTENCE_END = re.compile(r"[!?…。！？:;]|\n\s*\n|\.(?=\s|$)")
_TITLE = re.compile(r"(?<!\w)['\"“‘«„]([^'\"“”‘«»„?!\n]{3,60})['\"”’»“](?!\w)")
_SMALL = re.compile(r"(?<![\w'’.])[^\W\d_A-Z](?<=[a-z])")
_START = methodcaller("start")
_INNER = re.compile("[a-z][A-Z]")
_JUMBLED = 3
"""One in so many words with a capital inside makes case tell nothing."""
_SAMPLE = 8
"""Places of one word that are looked at."""
_TITLE_WORDS = range(3, 8)
"""Words in quotation marks that are likely the title of something."""
_APART = re.compile(r"[!?…。！？:;,،、]|\n\s*\n")
LOWER, CAPITAL, CAPITALS = range(3)

ORDINARY = 4.5
"""Frequency from which a word is an ordinary one, whatever names are made of it."""
_GRAMMAR = 5.8
"""Frequency from which a word stands in nearly every text ("will", "may")."""


class Said:
    """A view taken apart into words; `written` is the text that the view's offsets refer to.

    `again` says that another view of this text was searched before: then only phrases, which
    views show differently, are looked for.
    """

    def __init__(self, view: Folded, written: str, again: bool = False) -> None:
        self.again = again
        self.text = text = view.text
        self.written = written
        self.offsets = view.offsets
        pattern = _ANY_WORD if not text.isascii() and UNSPACED.search(text) else _WORD
        self.words: list[str] = pattern.findall(text)
        self.starts = array("I", map(_START, pattern.finditer(text)))
        self.ends = array("I", map(add, self.starts, map(len, self.words)))
        places = defaultdict[str, list[int]](list)
        for i, word in enumerate(self.words):
            places[word].append(i)
        self.places = dict(places)
        """The numbers of each different word: what is repeated is looked up once."""

    def shape(self, i: int) -> int:
        """0: in lower case; 1: with a capital; 2: all in capitals."""
        start, end = self.offsets[self.starts[i]], self.offsets[self.ends[i]]
        if not self.written[start].isupper():
            return LOWER
        shouted = end - start > 1 and self.written[start:end].isupper()
        return CAPITALS if shouted else CAPITAL

    def slipped(self, i: int) -> bool:
        """Whether word i has its capital in the second place, as if a letter slipped in."""
        start = self.offsets[self.starts[i]]
        return self.written[start].islower() and self.written[start + 1 : start + 2].isupper()

    def gap(self, i: int) -> str:
        """What was written between word i and the next one."""
        return self.written[self.offsets[self.ends[i]] : self.offsets[self.starts[i + 1]]]

    def opens(self, i: int) -> bool:
        """Whether word i begins a sentence or a quotation, where a capital says nothing."""
        if i == 0:
            return True
        gap = self.gap(i - 1)
        return gap not in {" ", "-", "'"} and (
            self._ends_sentence(i - 1, gap) or gap.strip()[-1:] in set('"“‘«(*')
        )

    def parted(self, i: int, comma: bool = False) -> bool:
        """Whether word i and the next one cannot belong to one name; a comma may be allowed."""
        gap = self.gap(i)
        if gap in {" ", "", "-", "'", ", "}:
            return gap == ", " and not comma
        if comma:
            gap = gap.replace(",", "", 1)
        return bool(_APART.search(gap)) or self._ends_sentence(i, gap)

    def _ends_sentence(self, i: int, gap: str) -> bool:
        if "." in gap and (len(self.words[i]) < 2 or self.words[i] in _ABBREVIATED):
            gap = gap.replace(".", "", 1)
        return bool(_SENTENCE_END.search(gap)) if gap.strip(" -'") else False

    def titled(self, i: int) -> bool:
        """Whether word i is a part of a title in quotation marks ("The House of Quell")."""
        start = self.offsets[self.starts[i]]
        return any(a <= start < b for a, b in self._titles)

    @cached_property
    def _titles(self) -> list[tuple[int, int]]:
        found = _TITLE.finditer(self.written, self.offsets[0], self.offsets[-1])
        return [m.span(1) for m in found if len(m[1].split()) in _TITLE_WORDS]

    @cached_property
    def one_case(self) -> bool:
        """Whether letter case tells nothing in this text."""
        part = self.written[self.offsets[0] : self.offsets[-1]] if self.text else ""
        return part == part.lower() or part == part.upper()

    @cached_property
    def caseless(self) -> bool:
        """Whether letter case tells nothing: one case, Capitals for All Words or aNywHeRe."""
        if self.one_case or not self.text:
            return True
        begin, end = self.offsets[0], self.offsets[-1]
        if sum(1 for _ in _INNER.finditer(self.written, begin, end)) * _JUMBLED > len(self.words):
            return True
        if _SMALL.search(self.written, begin, end):
            return False
        return any(
            word in STOP and self.shape(i) and not self.opens(i)
            for word, places in self.places.items()
            for i in places[:_SAMPLE]
        )

    @cached_property
    def case_tells(self) -> bool:
        """Whether words with a capital are names here, and those without one are none."""
        return not self.caseless and self.proper

    @cached_property
    def proper(self) -> bool:
        """Whether words other than "I" have a capital within sentences: names then have one."""
        for i in range(1, min(len(self.words), 2000)):
            if self.shape(i) and self.words[i] not in {"i", "m"} and not self.opens(i):
                return True
        return False

    def could_name(self, first: int, last: int) -> bool:
        """Whether words first..last can be a name, going by their letter case.

        Rare words need no capitals; ordinary ones ("will field") do, unless the writer sets
        none, and are no name across the end of a sentence.
        """
        words = self.words[first : last + 1]
        if not all(map(_ordinary, words)):
            return True
        if any(self._ends_sentence(i, self.gap(i)) for i in range(first, last)):
            return False
        if self.one_case:
            return True
        shapes = [self.shape(i) for i in range(first, last + 1)]
        if all(shapes) or any(
            shapes[i - first] and not self.opens(i) for i in range(first, last + 1)
        ):
            return True
        return len(words) > 1 and not self.proper and max(map(frequency, words)) < _GRAMMAR

    def index(self, end: int, first: int) -> int:
        """The word, from `first` on, in which the character before `end` stands."""
        last = first
        while last + 1 < len(self.starts) and self.starts[last + 1] < end:
            last += 1
        return last


_ABBREVIATED = frozenset("dr mr mrs ms st sr jr prof rev hon sir gen col capt lt sgt".split())


def _ordinary(word: str) -> bool:
    """Whether a word is written by itself too: common words, numbers, single letters."""
    if word.lower() == word.upper():
        return word.isdigit()
    return len(word) == 1 or frequency(word) >= ORDINARY


def first_word(text: str) -> str:
    """The word, or else the character, that a text begins with."""
    found = _ANY_WORD.match(text)
    return found.group() if found else text[0]
