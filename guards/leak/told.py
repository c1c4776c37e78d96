"""Whether a sentence of a reply tells a filed fact, in whichever words.

Closeness alone cannot say: the same sentence with another value is closer to a fact than the fact
in other words. So what is compared is what a sentence says beyond what may be said, together with
the names, numbers and rare words that the fact cannot be told without. The weights come from
written material (`training.told`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from folding import fold
from guards.leak.clues import Clues, Value, content, found, rarity
from guards.leak.figures import figures
from guards.leak.weighing import SHIPPED, Weighing
from guards.rule import Encode, Halves, Vectors
from guards.text.segment import readable

Row = NDArray[np.float32]

_QUESTION = 400
"""Characters at a question's end that count: an encoder would cut the sentence behind more."""
_CLOSEST = 8
"""Facts of a rule that a sentence is compared with in full."""
_JOINED = 6
"""Digits from which a number may be grouped in any way, such as that of a telephone."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a reply as it is compared, whatever the rule.

    `alone`, `beside` and `question` are embeddings, shape (d,), of the sentence, of the sentence
    behind what was asked, and of that; `asked` are the words and figures of the question, which
    tell nothing when they are repeated. Without a question `beside` is the sentence too.
    """

    words: tuple[str, ...] = field(repr=False)
    figures: tuple[str, ...] = field(repr=False)
    asked: frozenset[str] = field(repr=False)
    alone: Row = field(repr=False)
    beside: Row = field(repr=False)
    question: Row | None = field(repr=False)

    @classmethod
    def of(cls, sentence: str, question: str, encode: Encode) -> Said:
        """What is compared of a sentence; the question is empty where it is to count for nothing.

        Encodes three texts, one without a question; errors of the encoder propagate.
        """
        question = question[-_QUESTION:]
        texts = [readable(sentence)]
        if question:
            texts += readable(f"{question} {sentence}"), readable(question)
        vectors = encode(texts)
        return cls(
            words=tuple(content(sentence)),
            figures=tuple(figures(fold(sentence).text)),
            asked=frozenset((*content(question), *figures(fold(question).text))),
            alone=vectors[0],
            beside=vectors[1 if question else 0],
            question=vectors[2] if question else None,
        )


def tells(
    said: Said, told: Halves | Vectors, clues: Sequence[Clues], weighing: Weighing = SHIPPED
) -> float:
    """How surely a sentence tells one of a rule's facts, 0 to 1; it does from the threshold on.

    `told`, shape (2n, d), has the embeddings of each fact's `text` and `without` in turn, `clues`
    its n clues (see `guards.leak.clues.Fact`). A rule that the prompt did not match is told of
    only by a sentence that names its subject: whether it does, the caller knows.
    """
    if not clues:
        return 0.0
    known = told.astype(np.float32, copy=False)
    closeness = known[::2] @ said.beside
    nearest = np.argsort(-closeness, kind="stable")[:_CLOSEST].tolist()
    rows = [measured(said, known[2 * n], known[2 * n + 1], clues[n]) for n in nearest]
    best = float((np.array(rows) @ np.array(weighing.weights)).max()) + weighing.bias
    return float(1.0 / (1.0 + np.exp(-best)))


def measured(said: Said, text: Row, without: Row, clues: Clues) -> list[float]:
    """How a sentence compares with one fact, in the order of `guards.leak.weighing.MEASURES`.

    The cosine to the fact; the cosine of what both say beyond what the fact says without its
    values, and beyond the question; the shares of the value's names and figures, and of its
    other words, that are said; whether it has neither names nor figures; how many other figures
    are said; the share of words that are neither asked nor filed. Of several values the one that
    is said best counts.
    """
    value = max((_shares(said, value) for value in clues.values), default=_NOTHING)
    filed = {figure for each in clues.values for figure in each.figures}
    others = [f for f in said.figures if f not in filed and f not in said.asked and len(f) > 1]
    repeated = found(said.words, {*clues.known, *said.asked})
    beyond = _beyond(said.alone, text, without)
    asked = beyond if said.question is None else _beyond(said.beside, text, said.question)
    return [
        float(said.beside @ text),
        beyond,
        asked,
        value.marks,
        value.words,
        value.unmarked,
        0.0 if value.marks == 1.0 else float(min(len(others), 2)),
        1.0 - len(repeated) / max(1, len(said.words)),
    ]


class _Shares(NamedTuple):
    """How much of a value is said; compared by the first."""

    together: float
    marks: float
    words: float
    unmarked: float


_NOTHING = _Shares(0.0, 0.0, 0.0, 1.0)


def _shares(said: Said, value: Value) -> _Shares:
    needed = _unasked(value, said.asked)
    names = [name for name in needed.names if {name, f"{name}s"} & set(said.words)]
    numbers = _numbers(needed.figures, said.figures)
    count = len(needed.names) + len(needed.figures)
    marks = (len(names) + numbers) / count if count else 0.0
    weight = sum(map(rarity, needed.words))
    words = sum(map(rarity, found(needed.words, said.words))) / weight if weight else 0.0
    missing = float(count > 0 and not marks)
    return _Shares(2 * marks + words - missing, marks, words, float(not count))


def _unasked(value: Value, asked: frozenset[str]) -> Value:
    """What of a value the question does not say already; all of it where it says everything."""
    parts = ([word for word in part if word not in asked] for part in _parts(value))
    rest = Value(*map(tuple, parts))
    return rest if any(_parts(rest)) else value


def _parts(value: Value) -> tuple[tuple[str, ...], ...]:
    return value.names, value.figures, value.words


def _numbers(needed: Sequence[str], said: Sequence[str]) -> int:
    """How many of a value's figures are said; a year counts by its last two digits too."""
    digits = "".join(needed)
    if len(digits) >= _JOINED and digits in "".join(said):
        return len(needed)
    years = {
        f"{century}{figure}" for figure in said if len(figure) == 2 for century in (18, 19, 20)
    }
    return sum(figure in said or figure in years for figure in needed)


def _beyond(said: Row, text: Row, without: Row) -> float:
    """The cosine of two embeddings less what both share with a third."""
    one = said - (said @ without) * without
    other = text - (text @ without) * without
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 1e-6 else 0.0
