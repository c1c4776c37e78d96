"""Parts of a person's name: the surname alone, a rare given name, an initial and the surname."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence

from guards.names.beside import adjoins, begin_of, continued, name_like, subject
from guards.names.forms import Forms, name_words, related
from guards.names.kin import kin_asked
from guards.names.said import Said
from guards.rule import Action, Rule
from guards.text.lexicon import english

Found = tuple[int, int, int, str, float]
"""(start, end, rule, detector, weight), as in `guards.names.people.Found`."""

SURNAME, _GIVEN, _INITIAL = 0.4, 0.3, 0.5
"""What a part adds at most to the cosine of its window to the subject."""
_RELATED, _OTHER = 0.5, 0.2
"""What the surname adds after a form of the given name ("William Quell" for Bill), and what at
most after other names, two or more ("Anna Maria Quell"): few but biographies write them out."""
_RARE = 4.0
"""Frequency below which a given name alone can tell a person."""
_SUBJECT = 0.8
"""How much a word that must be a name, going by the grammar, says beside one with a capital."""
_FEW, _MANY = 16, 64
"""Rules with one surname from which it says less and less, and from which it says nothing."""
_MOST = 4
"""Names beside a surname that are looked at, at most."""
_SHORTEST = 2
_OF_PLACES = frozenset({"da", "di"})
"""What stands in names that are called by the given one: the rest tells where from."""


class Parts:
    """Surnames and rare given names of the subjects of some rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._codes: dict[str, list[int]] = {}
        """Of a word the numbers of the rules twice, plus one where it is a given name."""
        self._observed: dict[str, list[int]] = {}
        """The same of rules that only observe: they must not make a name say less."""

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
        elif len(form.first) >= _SHORTEST and english(form.first) < _RARE:
            self._add(form.first, 2 * number + 1)

    def _add(self, word: str, code: int) -> None:
        observes = self._rules[code // 2].action is Action.OBSERVE
        codes = (self._observed if observes else self._codes).setdefault(word, [])
        if not codes or codes[-1] != code:
            codes.append(code)

    def bearers(self, word: str) -> int:
        """How many of the enforced rules have this word as a part of their subject's name."""
        return len(self._codes.get(word, ()))

    def find(
        self, said: Said, full: Container[int], bearers: Callable[[str], int]
    ) -> Iterator[Found]:
        """Parts of names that stand for themselves.

        `full` is where words of full names begin; `bearers` counts those of all rules.
        """
        for word, places in said.places.items():
            codes = [*self._known(self._codes, word), *self._known(self._observed, word)]
            count = max(1, bearers(word)) if codes else 0
            if not codes or count > _MANY:
                continue
            alone = [
                i
                for i in places
                if said.starts[i] not in full and (said.shape(i) or not said.case_tells)
            ]
            for code in codes if alone else ():
                number, given = divmod(code, 2)
                names = self._names(number)
                if len(alone) > 1 and not given and any(_namesake(said, i, names) for i in alone):
                    continue
                for i in alone:
                    share = _telling(said, i) * min(1.0, _FEW / count)
                    weight = _stands_for(said, i, names, given > 0, share)
                    if weight:
                        detector = "given" if given else "surname"
                        yield said.starts[i], said.ends[i], number, detector, weight

    @staticmethod
    def _known(codes: dict[str, list[int]], word: str) -> list[int]:
        known = codes.get(word, [])
        return known if len(known) <= _MANY else []

    def _names(self, number: int) -> list[list[str]]:
        return [name_words(anchor) for anchor in self._rules[number].anchors]


def _telling(said: Said, i: int) -> float:
    """How much a word at a place says as a name, 0..1: the less, the commoner it is.

    Where a capital within a sentence, or the grammar, shows that it is a name, that counts less.
    """
    common = english(said.words[i])
    alone = min(1.0, max(0.1, 1 - 0.4 * (common - 3.5)))
    if not said.shape(i) or said.caseless:
        return alone
    named = min(1.0, max(0.75, 1 - 0.5 * (common - 4.5)))
    if not said.opens(i):
        return named
    return max(alone, _SUBJECT * named) if subject(said, i) else alone


def _stands_for(said: Said, i: int, names: list[list[str]], given: bool, share: float) -> float:
    """What word i adds as a part of one of some names; 0 where it is part of another one.

    `share` is how much the word says by itself, 0..1.
    """
    own = {word for name in names for word in name}
    most = share * (_GIVEN if given else SURNAME)
    if continued(said, i, own):
        return 0.0 if given else _before_names(said, i, names, share)
    first = begin_of(said, i, own)
    if said.titled(i) or (first and "__" in said.gap(first - 1)):
        return most / 2  # a title tells of somebody else, a blank stands for a given name
    before = first - 1 if adjoins(said, first - 1) else None
    if before is None:
        return most
    word = said.words[before]
    if len(word) == 1 and word.isalpha() and said.shape(before) and word != "i":
        fits = not given and any(name[0][0] == word for name in names)
        return share * _INITIAL if fits else 0.0
    if word in own or not name_like(said, before):
        return most
    return 0.0 if given else _after_names(said, before, i, names, share)


def _namesake(said: Said, i: int, names: list[list[str]]) -> bool:
    """Whether word i is the surname of somebody else, who has one given name before it."""
    own = {word for name in names for word in name}
    before = begin_of(said, i, own) - 1
    if not adjoins(said, before) or continued(said, i, own):
        return False
    word = said.words[before]
    if word in own or not name_like(said, before) or said.titled(i):
        return False
    return not _after_names(said, before, i, names, 1.0)


def _after_names(
    said: Said, last: int, surname: int, names: list[list[str]], share: float
) -> float:
    """What a surname adds after given names that end with word `last` and are not the filed one."""
    first = _begin_of_names(said, last)
    if any(related(said.words[first], name[0]) for name in names if len(name) > 1):
        return _RELATED
    if kin_asked(said, first, surname):
        return share * SURNAME
    return share * _OTHER if last > first else 0.0


def _begin_of_names(said: Said, last: int) -> int:
    """Where the names begin that end with word `last`."""
    first = last
    while last - first < _MOST and adjoins(said, first - 1) and _named(said, first - 1):
        first -= 1
    return first


def _before_names(said: Said, i: int, names: list[list[str]], share: float) -> float:
    """The same of names that follow a surname, as in "Quell William"."""
    last = i + 1
    while last - i < _MOST and last + 1 < len(said.words):
        if not (adjoins(said, last) and name_like(said, last + 1, before=False)):
            break
        last += 1
    if any(related(said.words[last], name[0]) for name in names if len(name) > 1 < len(name[0])):
        return _RELATED
    return share * _OTHER if last > i + 2 else 0.0


def _named(said: Said, i: int) -> bool:
    return name_like(said, i) or len(said.words[i]) == 1
