"""The open book: a reply that may tell what the user stated about a subject, and nothing else.

Every word counts: it is one that tells nothing of anybody, or one of the statement that the
sentence keeps to. So nothing is left of what words mean: whether "sister" is an ordinary word, or
a German noun a name, does not matter where neither was stated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from unicodedata import category

from guards.leak.plain import TOKEN, phrase
from guards.leak.shingles import is_word
from guards.talk.certainty import NEUTRAL, stem
from guards.talk.supplied import Supplied

_SPARE, _TIMES = 40, 3
"""Words and signs of a reply beyond the statements, and how often it may tell these: what is only
said over and over could count or spell something."""


@dataclass(frozen=True, slots=True)
class Book:
    """What replies may tell about the subject of one rule, by its id."""

    rule: str
    supplied: Supplied = field(repr=False)

    @property
    def names(self) -> list[tuple[str, ...]]:
        """The words of each of the names that may be told."""
        return [tuple(filter(is_word, TOKEN.findall(name))) for name in self.supplied.names]

    @property
    def room(self) -> int:
        """How many words and signs a reply may have."""
        said = sum(len(TOKEN.findall(phrase(text))) for text in self.supplied.texts)
        return _SPARE + _TIMES * said


class Recitals:
    """How far one text keeps to some books; lives as long as the text.

    `apart` says whether a sentence ends between two places of the text.
    """

    def __init__(self, books: Iterable[Book], apart: Callable[[int, int], bool]) -> None:
        self._recitals = [_Recital(book) for book in books]
        self._apart = apart
        self._last: int | None = None
        """Where the word before this one began."""

    def fork(self, apart: Callable[[int, int], bool]) -> Recitals:
        """How far another text has come that has said the same."""
        other = Recitals((), apart)
        other._recitals = [recital.fork() for recital in self._recitals]
        other._last = self._last
        return other

    def __bool__(self) -> bool:
        return bool(self._recitals)

    def beyond(self, token: str, at: int) -> str | None:
        """The rule whose book the text leaves with a word or sign, in the form of `plain`."""
        begins = self._last is None or self._apart(self._last, at)
        if is_word(token):
            self._last = at
        for recital in self._recitals:
            if begins:
                recital.begin()
            if not recital.goes_on(token):
                return recital.book.rule
        return None


class _Recital:
    """How far one text keeps to one book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._names = book.names
        self._called: list[tuple[str, ...]] = []
        """What is left of the names that have begun."""
        self._room = book.room
        self._places: dict[int, list[int]] = {}
        """Of each statement that the sentence may still keep to, how far its runs were told."""

    def fork(self) -> _Recital:
        """How far another text has come that has said the same."""
        other = copy(self)
        other._places = {number: [*places] for number, places in self._places.items()}
        return other

    def begin(self) -> None:
        """A sentence begins: where something was asked, it may keep to any statement."""
        if self._places and not self.book.supplied.asked:
            return
        self._places = {n: [0] * len(runs) for n, runs in enumerate(self.book.supplied.runs)}

    def goes_on(self, token: str) -> bool:
        """Whether the book lets the text go on so."""
        told = self.book.supplied
        self._room -= 1
        if self._room < 0:
            return False
        if not is_word(token):
            return token.isascii() or category(token)[0] == "P"
        if self._calls(token) or token in NEUTRAL or stem(token) in told.asked:
            return True
        self._places = self._moved(token) or (self._moved(token, again=True) if told.asked else {})
        return bool(self._places)

    def _moved(self, word: str, *, again: bool = False) -> dict[int, list[int]]:
        """The statements that a word goes on with, or begins `again`, and how far they are then."""
        runs = self.book.supplied.runs
        return {n: at for n, at in self._places.items() if _move(runs[n], at, word, again)}

    def _calls(self, word: str) -> bool:
        """Whether a word begins or goes on with a name of hers: "Mira", not a sister's "Quell"."""
        begun = [*self._called, *self._names]
        self._called = [rest[1:] for rest in begun if rest[:1] == (word,)]
        return bool(self._called)


def _move(runs: Sequence[Sequence[str]], places: list[int], word: str, again: bool) -> bool:
    """Go on in the run that a word goes on with, or that it begins `again`; False for none."""
    for number, run in enumerate(runs):
        at = 0 if again else places[number]
        if tuple(run[at : at + 1]) == (word,):
            places[number] = at + 1
            return True
    return False
