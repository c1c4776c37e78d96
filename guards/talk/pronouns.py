"""Which pronouns of a text only the conversation explains.

A pronoun goes back to the nearest person before it, whatever the gender; somebody who is only
compared with, asked for or works with somebody ("like Bob would", "with Tom Hart") is none that
"she" can mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from guards.talk.function_words import (
    DEFINITE,
    EXPLETIVE,
    INDEFINITE,
    OBJECTS,
    PERSONAL,
    PLURAL,
    PRONOUNS,
)
from guards.talk.named import WHICH, name_end
from guards.talk.persons import means_many, title_end, told_in
from guards.talk.reading import Reading, Word
from guards.text.words import STOP

_BOUNDARIES = frozenset(
    "and that when who if to because so but where while before after or und dass weil wenn et que "
    "y e che as how".split()
)

_ITALIAN = frozenset("è che di si della del chi qual nel fa come dove quando suo sua".split())

_FRENCH = frozenset("est et où quel quelle qui pourquoi comment quand dans était à c'est".split())

_LATIN_AND = frozenset("und et y e".split())

_INVERTED = frozenset("did does do has had was is will would can could".split())

_REFLEXIVE = frozenset("himself herself themselves".split())

_NEAR = 2
"""Words between "which player" and the pronoun that it cannot explain."""
_CLAUSE = 8
"""Words that a clause has at most."""
_ENGLISH = frozenset("he she him her his hers himself herself".split())


class Owed(IntEnum):
    """What the pronouns of a text owe to the conversation: nothing, several, or one person."""

    NOTHING = 0
    SEVERAL = 1
    PERSON = 2


def owed(read: Reading, subject: frozenset[str]) -> Owed:
    """Whom a pronoun of the text means that nobody before it in the text explains.

    `subject` are the folded words of a name that explains nothing: whom the conversation told.
    """
    words, most = read.words, Owed.NOTHING
    if PRONOUNS.isdisjoint(word.plain for word in words):
        return most
    known = _Known()
    persons = told_in(read, subject)
    following = next(persons, None)
    several = asked = article = thing = False
    title = 0
    for number, word in enumerate(words):
        title = max(title, title_end(words, number))
        if number < title:
            continue
        while following is not None and following[0] < number:
            known.add(*following)
            following = next(persons, None)
        if _singular(read, number):
            # In other languages than English "she" may be a thing.
            thing_meant = thing and word.plain not in _ENGLISH
            told = known.explain(words, number) or _told_next(read, number, subject)
            if not (told or thing_meant):
                return Owed.PERSON
        elif word.plain in PLURAL and known.person is None and not several:
            # "Which team plays their …" asks for whom "their" means.
            inverted = words[number - 1].plain in _INVERTED
            most = Owed.NOTHING if asked and not inverted else Owed.SEVERAL
        several = several or means_many(read, number)
        asked = asked or word.plain in WHICH
        thing = thing or (article and word.plain in _LATIN_AND)
        article = article or word.plain in DEFINITE or word.plain in INDEFINITE
    return most


@dataclass(slots=True)
class _Known:
    """Whom a text told up to some word: the last two persons, and the last one it asks for."""

    person: int | None = None
    earlier: int | None = None
    wanted: int | None = None

    def add(self, number: int, asked: bool) -> None:
        if asked:
            self.wanted = number
        else:
            self.earlier, self.person = self.person, number

    def explain(self, words: Sequence[Word], number: int) -> bool:
        """Whether one of them can be whom a pronoun means."""
        word = words[number]
        if self.wanted is not None:
            # "Which player did he marry?" asks for somebody else.
            inverted = words[number - 1].plain in _INVERTED
            far = number - self.wanted > _NEAR and not inverted and not _object(words, number)
            if far or word.plain in _REFLEXIVE:
                return True
        person = self.person
        if person == number - 1 and word.gap == " " and not words[person].capital:
            person = self.earlier  # "the character he played"
        return person is not None and not _about_another(words, person, number)


def _singular(read: Reading, number: int) -> bool:
    """Whether a word means one person by "she" and the like."""
    word = read.words[number]
    if word.plain not in PERSONAL:
        return False
    if word.capital and not word.first and not read.one_case:
        return word.plain in _ENGLISH
    if word.capital and word.first and word.plain in ("sie", "lei", "loro"):
        after = read.words[number + 1].plain if number + 1 < len(read.words) else ""
        return not after.endswith("en")  # "Sie haben", "Sie können"
    near = {other.plain for other in read.words[max(0, number - 1) : number + 2]}
    if word.plain == "il":
        every = {other.plain for other in read.words}
        return every.isdisjoint(_ITALIAN) and near.isdisjoint(EXPLETIVE)
    if word.plain == "son":
        return not _FRENCH.isdisjoint(other.plain for other in read.words)
    return True


def _object(words: Sequence[Word], number: int) -> bool:
    """Whether a pronoun is an object: "about her", not "her help"."""
    word = words[number]
    if word.plain not in OBJECTS:
        return False
    if word.plain != "her" or number + 1 == len(words):
        return True
    after = words[number + 1]
    return after.gap != " " or after.plain in STOP


def _about_another(words: Sequence[Word], person: int, number: int) -> bool:
    """Whether a pronoun cannot mean the subject of its clause: "What did Tom say about him?"."""
    if number - person > _CLAUSE or not _object(words, number):
        return False
    begin = person
    while begin and words[begin].capital and person - begin < _CLAUSE:
        begin -= 1
    if words[begin].plain not in _INVERTED:
        return False
    between = words[person + 1 : number + 1]
    return not any(w.plain in _BOUNDARIES or w.gap != " " for w in between)


def _told_next(read: Reading, number: int, subject: frozenset[str]) -> bool:
    """Whether the sentence names whom its beginning means: "Until his death, Tom Hart wrote"."""
    words = read.words
    if words[number].plain not in ("his", "her") or _object(words, number):
        return False
    for later in range(number + 1, min(number + 2 * _CLAUSE, len(words))):
        if words[later].first:
            return False
        if "," in words[later].gap and name_end(read, later, subject) > later:
            return True
    return False
