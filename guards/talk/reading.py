"""A text taken apart into words, for the rules of thumb that follow a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from folding import fold
from guards.talk.function_words import FRAMES, GERMAN, LEADS, PLACE, PRONOUNS, TITLES
from guards.text.words import STOP

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[!?…:\n]|(?<!\b[^\W\d_])\.)[\s\"'“”‘’«»¿¡(\-*]*$")
QUOTES = "\"'“”‘’«»„"
_FEW = 3
NO_NAMES = LEADS | PLACE | GERMAN | PRONOUNS | FRAMES | STOP
"""Question and function words: no name, whatever their capitals."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text."""

    text: str
    plain: str
    """In lower case, without a possessive ending."""
    capital: bool
    first: bool
    """Whether it begins a sentence, where a capital says nothing."""
    gap: str
    """What stands between it and the word before it, at most 12 characters."""

    @property
    def bare(self) -> str:
        """In lower case without an elided article ("l'auteur")."""
        head, mark, rest = self.plain.partition("'")
        return rest if mark and len(head) == 1 and len(rest) > 2 else self.plain

    @property
    def owner(self) -> bool:
        """Whether it has a possessive ending ("Tom's", "James'" excepted)."""
        return self.text.casefold() != self.plain and self.text[-1:] in "sS"

    @property
    def quoted(self) -> bool:
        """Whether a quotation begins with it."""
        return self.gap[-1:] in QUOTES and self.gap != ""

    @property
    def says_nothing(self) -> bool:
        """Whether it is a question or function word, no name, even with a capital."""
        return self.plain in NO_NAMES

    def part_of(self, subject: frozenset[str]) -> bool:
        """Whether it is one of the folded words of a name, or its plural or possessive."""
        if not subject:
            return False
        word = fold(self.text).text
        return (
            word in subject
            or word.removesuffix("'s") in subject
            or word.removesuffix("s") in subject
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text, taken apart once however many rules ask about it."""

    words: tuple[Word, ...]
    asks: bool
    german: bool
    one_case: bool
    """Whether capitals tell nothing, because all words have one or none has."""

    @classmethod
    def of(cls, text: str) -> Reading:
        """Take a text apart; linear in its length."""
        words = tuple(_words(text))
        return cls(
            words=words,
            asks=text.rstrip().endswith(("?", "？")),
            german=not GERMAN.isdisjoint(word.plain for word in words),
            one_case=_one_case(words),
        )


def _one_case(words: Sequence[Word]) -> bool:
    cases = {word.capital for word in words}
    # "And Ada Lovelace?" is no headline yet.
    return len(cases) < 2 and (True not in cases or len(words) > _FEW or _shouted(words))


def _shouted(words: Sequence[Word]) -> bool:
    return all(word.text.isupper() for word in words)


def in_other_name(words: Sequence[Word], number: int, subject: frozenset[str]) -> bool:
    """Whether a word of the subject's names is part of another one ("Tom Quell", "Mira Hart")."""
    word = words[number]
    if number and not word.first:
        before = words[number - 1]
        if before.capital and not before.part_of(subject) and not _empty(before):
            return True
    if number + 1 == len(words) or word.text.casefold() != word.plain:
        return False  # after a possessive something else begins
    after = words[number + 1]
    named = after.capital and not after.first and not after.part_of(subject)
    return named and not after.says_nothing


def _empty(word: Word) -> bool:
    return word.plain in TITLES or word.says_nothing


def _words(text: str) -> Iterator[Word]:
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        start = match.start()
        gap = text[max(end, start - 12) : start]
        # One letter before a dot is an initial, which ends no sentence.
        near = text[max(0, start - 12) : start]
        plain = gap == " " and end > 0
        first = not plain and (start == 0 or _SENTENCE_START.search(near) is not None)
        lower = word.casefold().replace("’", "'").removesuffix("'s")
        yield Word(word, lower, word[0].isupper(), first, gap)
        end = match.end()
