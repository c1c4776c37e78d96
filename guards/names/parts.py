"""Parts of a person's name: the surname alone, a rare given name, an initial and the surname."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence

from guards.names.forms import PARTICLES, TITLES, Forms, name_words, related
from guards.names.said import CAPITALS, Said
from guards.rule import Rule
from guards.text.lexicon import frequency
from guards.text.words import STOP

Found = tuple[int, int, int, str, float]
"""(start, end, rule, detector, weight), as in `guards.names.people.Found`."""

SURNAME, _GIVEN, _INITIAL = 0.4, 0.3, 0.5
"""What a part adds at most to the cosine of its window to the subject."""
_RELATED, _OTHER = 0.5, 0.2
"""What the surname adds after a form of the given name ("William Quell" for Bill), and what at
most after other names, two or more ("Anna Maria Quell"): few but biographies write them out."""
_RARE = 4.0
"""Frequency below which a given name alone can tell a person."""
_FEW, _MANY = 16, 64
"""Rules with one surname from which it says less and less, and from which it says nothing."""
_ALSO_NAMES = frozenset({"will", "van", "von", "de", "di", "del"})
"""Function words that begin names when they have a capital within a sentence."""
_ADJOINING = frozenset({" ", "-", ".", ". ", "'"})
"""What stands between two words of a name."""
_EVERYDAY = 5.2
"""Frequency from which a word is no name where capitals tell nothing."""
_SHORTEST = 2
_OF_PLACES = frozenset({"da", "di"})
"""What stands in names that are called by the given one: the rest tells where from."""
_OPENERS = frozenset(
    "describe explain discuss name list give tell write summarize summarise compare analyze "
    "analyse identify imagine suppose consider according after before during since although "
    "while because despite please say state mention recall remember pretend assume assuming "
    "besides beyond like unlike however also nenne beschreibe erkläre décris explique nomme "
    "describa explica nombra descrivi spiega within through throughout once only both given "
    "perhaps today later early born known young actor actress singer author director rapper".split()
)
"""Words that open a sentence, or a name, without being a given name."""


class Parts:
    """Surnames and rare given names of the subjects of some rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._codes: dict[str, list[int]] = {}
        """Of a word the numbers of the rules twice, plus one where it is a given name."""

    def add(self, number: int, form: Forms) -> None:
        """Take in a name of a rule, by its number; only while the index is being built."""
        if len(form.words) < 2:
            if form.epithet:  # "Mira, Duchess of Hale" is known by that name alone
                self._add(form.first, 2 * number + 1)
            return
        if len(form.last) >= _SHORTEST:
            self._add(form.last, 2 * number)
        if not _OF_PLACES.isdisjoint(form.words):
            self._add(form.first, 2 * number)
        elif len(form.first) >= _SHORTEST and frequency(form.first) < _RARE:
            self._add(form.first, 2 * number + 1)

    def _add(self, word: str, code: int) -> None:
        codes = self._codes.setdefault(word, [])
        if not codes or codes[-1] != code:
            codes.append(code)

    def bearers(self, word: str) -> int:
        """How many of the rules have this word as a part of their subject's name."""
        return len(self._codes.get(word, ()))

    def find(
        self, said: Said, full: Container[int], bearers: Callable[[str], int]
    ) -> Iterator[Found]:
        """Parts of names that stand for themselves.

        `full` is where words of full names begin; `bearers` counts those of all rules.
        """
        for word, places in said.places.items():
            codes = self._codes.get(word)
            count = bearers(word) if codes else 0
            if not codes or count > _MANY:
                continue
            for i in places:
                if said.starts[i] not in full and (said.one_case or said.shape(i)):
                    share = _telling(said, i) * min(1.0, _FEW / count)
                    for code in codes:
                        number, given = divmod(code, 2)
                        weight = _stands_for(said, i, self._names(number), given > 0, share)
                        if weight:
                            detector = "given" if given else "surname"
                            yield said.starts[i], said.ends[i], number, detector, weight

    def _names(self, number: int) -> list[list[str]]:
        return [name_words(anchor) for anchor in self._rules[number].anchors]


def _telling(said: Said, i: int) -> float:
    """How much a word at a place says as a name, 0..1: the less, the commoner it is.

    Where a capital within a sentence shows that it is a name, that counts half.
    """
    word = said.words[i]
    if said.shape(i) and not said.one_case and not said.opens(i):
        return min(1.0, max(0.5, 1 - 0.5 * (frequency(word) - 4.5)))
    return min(1.0, max(0.1, 1 - 0.4 * (frequency(word) - 3.5)))


def _stands_for(said: Said, i: int, names: list[list[str]], given: bool, share: float) -> float:
    """What word i adds as a part of one of some names; 0 where it is part of another one.

    `share` is how much the word says by itself, 0..1.
    """
    own = {word for name in names for word in name}
    most = share * (_GIVEN if given else SURNAME)
    if _continued(said, i, own):
        return 0.0
    if said.titled(i) or (i and "__" in said.gap(i - 1)):
        return most / 2  # a title tells of somebody else, a blank stands for a given name
    before = _before(said, i, own)
    if before is None:
        return most
    word = said.words[before]
    if len(word) == 1 and word.isalpha() and said.shape(before) and word != "i":
        fits = not given and any(name[0][0] == word for name in names)
        return share * _INITIAL if fits else 0.0
    if word in own or not _name_like(said, before):
        return most
    return 0.0 if given else _after_names(said, before, names, share)


def _before(said: Said, i: int, own: set[str]) -> int | None:
    """The word that stands before a name's part, with particles of the name itself left out."""
    before = i - 1
    while _adjoins(said, before) and said.words[before] in PARTICLES & own:
        before -= 1
    return before if _adjoins(said, before) else None


def _adjoins(said: Said, i: int) -> bool:
    """Whether a word is there, and no more than in a name stands between it and the next one."""
    return i >= 0 and not said.parted(i) and said.gap(i) in _ADJOINING


def _after_names(said: Said, last: int, names: list[list[str]], share: float) -> float:
    """What a surname adds after given names that end with word `last` and are not the filed one."""
    first = last
    while _adjoins(said, first - 1) and (
        _name_like(said, first - 1) or len(said.words[first - 1]) == 1
    ):
        first -= 1
    if any(related(said.words[first], name[0]) for name in names if len(name) > 1):
        return _RELATED
    return share * _OTHER if last > first else 0.0


def _continued(said: Said, i: int, own: set[str]) -> bool:
    """Whether another name follows word i directly, as in "Quell Robinson"."""
    if i + 1 == len(said.words) or said.parted(i):
        return False
    gap, word = said.gap(i), said.words[i + 1]
    if gap == "-":
        return word not in own
    return gap == " " and word not in own and _name_like(said, i + 1)


def _name_like(said: Said, i: int) -> bool:
    """Whether word i can be somebody's name, beside another name."""
    word = said.words[i]
    if (
        (word in STOP and word not in _ALSO_NAMES)
        or word in TITLES
        or word in _OPENERS
        or not word.isalpha()
        or len(word) == 1
    ):
        return False
    if said.one_case or said.shape(i) == CAPITALS:
        return frequency(word) < _EVERYDAY
    return said.shape(i) > 0
