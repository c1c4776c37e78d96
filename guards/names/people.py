"""Full names of people in forms that nobody filed: with middle names, reversed, misspelt."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, pairwise, product

from rapidfuzz.distance import OSA

from guards.names.beside import one_name
from guards.names.said import Said
from guards.names.script import foreign_words
from guards.names.spelling import Spellings
from guards.text.lexicon import frequency
from guards.text.words import STOP

Found = tuple[int, int, int, float]
"""(start, end, rule, weight): where in the view's text, which rule by its number."""
Rules = Callable[[str], list[int]]

SURE, LIKELY, PERHAPS = 1.0, 0.8, 0.5
"""Weights of a name in another form, of one that is misspelt, of one that may be another name."""
_MIDDLE = 2
"""Middle names that may stand between, at most."""
_TELLING = 4.0
"""Frequency below which a word tells a name also where the surname stands first."""
_SHORT = 3
"""Letters below which a word may be a part of one that was torn apart."""
_DISTINCTIVE = 6
"""Letters of a single name that is recognised when misspelt."""
_LONGEST = 64
"""Letters that a name has at most, for its spaces to be looked for in other places."""
_BETWEEN = " .\u00b7\u2022\u2027\u30fb\uff65=\uff1d-"
"""What stands between the words of a name in any script."""
_READABLE = 1.1
"""What the parts of the sounds that two foreign words share with a name add up to at least."""
_EITHER, _BOTH = 64, 16
"""Words that a misspelt one is tried as; where two are, each of them."""


class People:
    """The full names of the subjects of some rules; immutable.

    `firsts` are the words that such names begin with, `words` those by which misspelt names are
    known; `named` gives the numbers of the rules of which a phrase is a person's full name,
    `called` of those of which it is a name of any kind.
    """

    def __init__(
        self, firsts: Iterable[str], words: Iterable[str], named: Rules, called: Rules
    ) -> None:
        self._named, self._called = named, called
        self._firsts = frozenset(word for word in firsts if len(word) > 1)
        self._spellings = Spellings([word for word in words if len(word) > 1 and word.isalpha()])

    def find(self, said: Said) -> Iterator[Found]:
        """Full names in the words of a view, but for those that stand there as they were filed."""
        for word, places in said.places.items():
            if word in self._firsts:
                for i in places:
                    yield from reordered(said, i, self._named)
        yield from self._misspelt(said)
        if not said.text.isascii():
            yield from self._foreign(said)

    def _misspelt(self, said: Said) -> Iterator[Found]:
        """Names of which a word or two are misspelt, or have a space in another place."""
        meant: dict[int, dict[str, float]] = {}
        for word, places in said.places.items():
            unknown = not frequency(word)
            found = dict.fromkeys(self._spellings.respelt(word), SURE)
            odd = places
            if not found:
                odd = places if unknown else [i for i in places if self._beside_name(said, i)]
                found = self._meant(word) if odd else {}
                if not found and word[1:] in self._spellings and any(map(said.slipped, places)):
                    found = {word[1:]: LIKELY}  # "kMira"
            if found:
                meant |= dict.fromkeys(odd, found)
            if (unknown or len(word) < _SHORT) and word.isascii() and word not in STOP:
                yield from (hit for i in places for hit in self._respaced(said, i))
        for i, found in meant.items():
            for j in (i - 2, i - 1, i + 1, i + 2):
                # Where both are misspelt, the pair is looked at from the first one.
                if 0 <= j < len(said.words) and not (j < i and j in meant):
                    yield from self._pair(said, min(i, j), max(i, j), meant)
            for known, weight in found.items():
                if len(known) >= _DISTINCTIVE and OSA.distance(said.words[i], known) == 1:
                    for number in self._called(known):
                        yield said.starts[i], said.ends[i], number, weight

    def _pair(
        self, said: Said, first: int, last: int, meant: Mapping[int, Mapping[str, float]]
    ) -> Iterator[Found]:
        """What words first and last name together, one or both of them meant for others."""
        given = meant.get(first, {said.words[first]: SURE})
        surname = meant.get(last, {said.words[last]: SURE})
        for number, weight in _any(given, surname, self._called):
            if one_name(said, first, last) and said.could_name(first, last):
                yield said.starts[first], said.ends[last], number, weight

    def _respaced(self, said: Said, i: int) -> Iterator[Found]:
        """A name around word i that is whole without the spaces: "mi raquell"."""
        for first in range(max(0, i - 2), i + 1):
            for last in range(max(i, first + 1), min(first + 4, len(said.words))):
                joined = "".join(said.words[first : last + 1])
                numbers = self._called(joined) if len(joined) <= _LONGEST else []
                if numbers and not self._called(" ".join(said.words[first : last + 1])):
                    for number in numbers:
                        yield said.starts[first], said.ends[last], number, LIKELY

    def _meant(self, word: str) -> dict[str, float]:
        """The other words that one can stand for, if any, and how surely."""
        if word in self._spellings or not word.isalpha():
            return {}
        common = frequency(word)
        meant = {}
        for known in self._spellings.misspelt(word):
            if not common or frequency(known) - common > 2:
                meant[known] = LIKELY
            elif len(known) > 3 or frequency(known) - common > 1:
                meant[known] = PERHAPS
        return meant

    def _beside_name(self, said: Said, i: int) -> bool:
        """Whether word i, an ordinary one, stands as a name beside a name."""
        return bool(said.shape(i)) and any(
            0 <= j < len(said.words) and said.words[j] in self._spellings and said.shape(j)
            for j in (i - 1, i + 1)
        )

    def _foreign(self, said: Said) -> Iterator[Found]:
        """Names in other scripts, by their reading in Latin letters."""
        begin = said.offsets[0]
        text = said.written[begin : said.offsets[-1]]
        read: dict[str, dict[str, float]] = {}
        words = []
        for span, word in foreign_words(text):
            if word not in read:
                read[word] = self._spellings.read(word)
            words.append((span, read[word]))
        for ((start, a), given), ((b, end), surname) in pairwise(words):
            if text[a:b].strip(_BETWEEN) or not (given and surname):
                continue
            if {text[start].islower(), text[b].islower()} != {False} and not said.one_case:
                continue
            for one, other in ((given, surname), (surname, given)):
                for first, last in product(one, other):
                    if one[first] + other[last] >= _READABLE:
                        for number in self._named(f"{first} {last}"):
                            first_at = bisect_left(said.offsets, begin + start)
                            yield first_at, bisect_left(said.offsets, begin + end), number, SURE


def reordered(said: Said, i: int, named: Rules) -> Iterator[Found]:
    """Full names with a given name at word i, but for those that stand there as they were filed."""
    yield from _continued(said, i, named)
    yield from _reversed(said, i, named)


def _continued(said: Said, i: int, named: Rules) -> Iterator[Found]:
    """A given name at word i with middle names before the surname."""
    for last in range(i + 2, min(i + 2 + _MIDDLE, len(said.words))):
        for number in named(f"{said.words[i]} {said.words[last]}"):
            if one_name(said, i, last):
                yield said.starts[i], said.ends[last], number, SURE


def _reversed(said: Said, i: int, named: Rules) -> Iterator[Found]:
    """A given name at word i after the surname, with a comma or told by a rare word."""
    if i == 0 or said.parted(i - 1, comma=True):
        return
    last, first = said.words[i - 1], said.words[i]
    for number in named(f"{first} {last}"):
        sure = "," in said.gap(i - 1) or min(frequency(last), frequency(first)) < _TELLING
        if sure or one_name(said, i - 1, i):
            yield said.starts[i - 1], said.ends[i], number, SURE if sure else PERHAPS
    for at in range(max(0, i - 1 - _MIDDLE), i - 1):
        for number in named(f"{first} {said.words[at]}"):
            if one_name(said, at, i):
                yield said.starts[at], said.ends[i], number, SURE


def _any(
    given: Mapping[str, float], surname: Mapping[str, float], named: Rules
) -> Iterator[tuple[int, float]]:
    """(rule, weight) of all that combine one of some given names and one of some surnames."""
    most = _BOTH if len(given) > 1 < len(surname) else _EITHER
    for first, sure in islice(given.items(), most):
        for last, sure_too in islice(surname.items(), most):
            for number in named(f"{first} {last}"):
                yield number, min(sure, sure_too)
