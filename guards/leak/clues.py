"""What of a filed fact cannot be told without: the names, numbers and rare words of its values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from rapidfuzz.distance import Prefix

from folding import fold
from guards.leak.figures import NUMBERS, figures
from guards.talk.function_words import GERMAN
from guards.text.lexicon import frequency
from guards.text.words import STOP, telling

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_INSTEAD = "something"
_STEM, _ALIKE = 4, 0.6
"""Letters, and share of the longer word, that two forms of a word begin with alike."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value, folded: its names, its figures (see `figures`) and its other words that tell."""

    names: tuple[str, ...] = field(default=(), repr=False)
    figures: tuple[str, ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Clues:
    """What is kept of one filed fact beside its embeddings.

    `known` are the other folded words of what was filed, names of the subject among them: a
    reply that repeats them tells nothing.
    """

    values: tuple[Value, ...] = field(repr=False)
    known: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def load(cls, row: Any) -> Clues:
        """The clues of a row that `orjson` made of some. Raises `KeyError` and `TypeError`."""
        values = (Value(*map(tuple, (v["names"], v["figures"], v["words"]))) for v in row["values"])
        return cls(tuple(values), tuple(row["known"]))


@dataclass(frozen=True, slots=True)
class Fact:
    """A filed fact: its clues, and the texts whose embeddings are kept with them.

    `text` is the fact, `without` what of it may be said: the same with its values left out, or
    the question that it answers.
    """

    clues: Clues
    text: str = field(repr=False)
    without: str = field(repr=False)


def stated(statement: str, values: Sequence[str], names: Sequence[str] = ()) -> Fact:
    """The fact of a statement and its values; without values, all that it says of the names."""
    without = statement
    for value in values:
        without = without.replace(value, _INSTEAD)
    if without == statement:  # an embedding less itself would be nothing
        without = next(iter(names), _INSTEAD)
    german = _german(statement)
    subject = content(" ".join(names))
    parts = [_value(value, subject, german) for value in values or (statement,)]
    return Fact(Clues(tuple(parts), _known(parts, (statement, *names))), statement, without)


def answered(question: str, answer: str, names: Sequence[str] = ()) -> Fact:
    """The fact that an answer tells beyond its question."""
    text = f"{question} {answer}"
    part = _value(answer, content(" ".join((question, *names))), _german(text))
    return Fact(Clues((part,), _known([part], (text, *names))), text, question)


def content(text: str) -> list[str]:
    """The folded words of a text that say something, without numbers, each once, in order."""
    words = (word.removesuffix("'s") for word in telling(fold(text).text))
    return [word for word in words if not word.isdigit() and word not in NUMBERS]


def found(needed: Iterable[str], said: Collection[str]) -> list[str]:
    """Those of the needed words that are said, in whichever form: "epilepsy" as "epileptic"."""
    return [word for word in needed if any(_alike(word, other) for other in said)]


def stems(word: str) -> Iterator[str]:
    """What a word shares with each of its forms at least, the shortest first, itself last."""
    yield from (word[:length] for length in range(_shared(len(word)), len(word)))
    yield word


def rarity(word: str) -> float:
    """How much a word tells: from 0.5 for the commonest to 7 for one in no list."""
    return max(0.5, 7.0 - frequency(word))


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return Prefix.similarity(one, other) >= _shared(max(len(one), len(other)))


def _shared(length: int) -> int:
    """The letters that two forms of a word share at least, of which the longer one has so many."""
    return max(_STEM, ceil(_ALIKE * length))


def _value(text: str, repeated: Collection[str], german: bool) -> Value:
    """A value less the words that are known without it, unless it has no others."""
    words = content(text)
    fresh = [word for word in words if word not in repeated] or words
    named = _names(text, german)
    return Value(
        names=tuple(word for word in fresh if word in named),
        figures=tuple(dict.fromkeys(figures(fold(text).text))),
        words=tuple(word for word in fresh if word not in named),
    )


def _names(text: str, german: bool) -> set[str]:
    """Words with a capital, which no other words can replace.

    German nouns have one too: there only a word in no list is a name. So it is with the first
    word of a sentence.
    """
    capitals = [m for m in _WORD.finditer(text) if m.group()[0].isupper()]
    sentence = text.rstrip().endswith((".", "!", "?"))
    return {
        folded
        for match in capitals
        if (folded := fold(match.group()).text.removesuffix("'s")) not in STOP
        and not ((german or (sentence and match.start() == 0)) and frequency(folded))
    }


def _german(text: str) -> bool:
    return any(match.group().lower() in GERMAN for match in _WORD.finditer(text))


def _known(values: Iterable[Value], texts: Iterable[str]) -> tuple[str, ...]:
    told = {word for value in values for word in (*value.names, *value.words)}
    return tuple(word for word in content(" ".join(texts)) if word not in told)
