"""What was agreed earlier: another name for somebody, a role, a standing order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from folding import fold
from guards.talk.function_words import PLACE, YOU_AND_I
from guards.talk.persons import names_somebody
from guards.talk.reading import Reading, Word
from guards.talk.vocabulary import NUDGES, RELATIONS
from guards.text.words import words_of

_NAMING = re.compile(
    r"\b(?:let(?:'s| us)? (?:\w+ )?call|i(?:'ll| will) call|call (?:her|him|it|them)|stands? for|"
    r"let\b[^.?!]{1,60}\bbe\b|i mean|refers? to|code ?name|alias|nickname|means|nenne(?:n wir)?|"
    r"appelons|llamemos|llamaremos|chiamiamo)\b",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:from (?:now|here) on|henceforth|what(?:ever)? i ask (?:next|later|from)|whatever i ask|"
    r"whenever i ask|always (?:answer|talk|speak)|"
    r"(?:all|every|each|any|following|later|next|future|coming) (?:\w+ )?questions?|"
    r"ab jetzt|von nun an|à partir de maintenant|désormais|de ahora en adelante|d'ora in poi)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:you are|you're|act as|act like|pretend to be|play|speak as|answer as|role-?play as|"
    r"impersonate|du bist|tu es|vous êtes|eres|sei)((?:\W+\w+){1,6})",
    re.IGNORECASE,
)
_ELSEWHERE = PLACE | frozenset("for für pour para per".split())
_READ = 500
"""Characters of a message around a cue that are read."""
_YOU = frozenset(
    "you your yours yourself du dein deine dir dich tu te ton ta tú tus tuo tua".split()
)


@dataclass(frozen=True, slots=True)
class Pact:
    """An agreement: whose words it holds, the other names it gives, and what it is."""

    words: frozenset[str]
    names: frozenset[str]
    order: bool
    role: bool

    def covers(self, read: Reading) -> bool:
        """Whether a turn falls under it."""
        if any(word.capital and word.part_of(self.names) for word in read.words):
            return True
        said = {word.plain for word in read.words}
        if self.role and not said.isdisjoint(_YOU):
            return True
        return self.order and not said.isdisjoint(RELATIONS) and not names_somebody(read)


def pacts(texts: Iterable[str]) -> list[Pact]:
    """The agreements in earlier messages; linear in their length."""
    return [pact for text in texts for pact in _pacts(text)]


def _pacts(text: str) -> Iterable[Pact]:
    for cue in (_NAMING, _ORDER, _ROLE):
        found = cue.search(text)
        if found is None:
            continue
        near = text[max(0, found.start() - _READ) : found.end() + _READ]
        words = frozenset(words_of(fold(_who(found[1]) if cue is _ROLE else near).text))
        names = frozenset(_names(Reading.of(near))) if cue is _NAMING else frozenset()
        yield Pact(words, names, cue is _ORDER, cue is _ROLE)


def _who(role: str) -> str:
    """Of a role whom it is, without whom it is for: "the assistant" of "… of Mira Quell"."""
    said = role.split()
    return " ".join(takewhile(lambda word: word.casefold() not in _ELSEWHERE, said))


def _names(read: Reading) -> Iterable[str]:
    for word in read.words:
        if word.quoted or (word.capital and not word.says_nothing and not _pressing(word)):
            yield fold(word.text).text


def _pressing(word: Word) -> bool:
    return word.plain in NUDGES or word.plain in YOU_AND_I
