"""A rule: what a forget request compiles to. Immutable; a new version is a new rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from guards.blind.marks import Blind
    from guards.leak.clues import Clues

Vectors = NDArray[np.float32]
"""Unit-norm sentence embeddings, shape (n, d)."""

Halves = NDArray[np.float16]
"""Unit-norm sentence embeddings as they are stored, in half precision, shape (n, d)."""

Fingerprints = NDArray[np.uint64]
"""Keyed fingerprints of runs of words (see `guards.leak.shingles`), shape (n,), in order."""

Encode = Callable[[Sequence[str]], Vectors]
"""A sentence encoder: n texts in, unit-norm float32 embeddings of shape (n, d) out."""


class Action(StrEnum):
    """What a match leads to.

    `AUTO` refuses a sure match and suppresses an unsure one; `OBSERVE` only tells of it.
    """

    AUTO = "auto"
    REFUSE = "refuse"
    SUPPRESS = "suppress"
    OBSERVE = "observe"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one forget request looks for in a prompt.

    `phrases` are folded (see `folding`) names, aliases and forbidden strings: any of
    them at word boundaries is a sure match. `asked` are embeddings, unit norm, shape (n, d), of
    filed questions and facts; `about`, shape (k, d), of whom or what the request is about, through
    the rule set's adapter: names with unit norm, windows of passages a little shorter. A window
    of the prompt close enough to one of them matches (see `guards.Thresholds`), unless it lies
    closer to one of `retain`, shape (m, d). All are float16.
    `anchors` are the subject's folded names, where it has any: they let a cosine match be told
    from a namesake (see `guards.screen`). They match nothing by themselves unless they are
    among `phrases` too, which is what makes a rule one of the whole subject.
    `words` are folded words of the covered texts: they decide which windows of a long prompt
    are worth embedding.
    `encoder` is the fingerprint of the encoder that made the embeddings: vectors of
    another encoder mean nothing and must be compiled anew.

    In replies to a prompt that matches, `values` may not stand: values of facts and answers of
    questions, in the form of `guards.leak.plain`. `told`, shape (t, d), are embeddings of what the
    facts and answers say, two a fact, and `clues` what each cannot be told without: where
    `paraphrases` is set no sentence of such a reply may tell one in other words (see
    `guards.leak.told`). `shingles` are the fingerprints of passages, of which no reply at all may
    have eight words in a row. With `open_book` a reply may tell what the user stated first (see
    `guards.leak.opening`).

    A rule of a blind filing has neither phrases nor anchors, words and values: `blind` has what is
    kept in their place, and the words of its clues are marks too.
    """

    id: str
    version: int
    action: Action
    phrases: tuple[str, ...] = field(repr=False)
    asked: Halves = field(repr=False)
    about: Halves = field(repr=False)
    retain: Halves = field(repr=False)
    encoder: str
    anchors: tuple[str, ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)
    told: Halves = field(default_factory=lambda: np.empty((0, 0), np.float16), repr=False)
    clues: tuple[Clues, ...] = field(default=(), repr=False)
    paraphrases: bool = True
    shingles: Fingerprints = field(default_factory=lambda: np.empty(0, np.uint64), repr=False)
    open_book: bool = False
    blind: Blind | None = field(default=None, repr=False)

    @property
    def whole_subject(self) -> bool:
        """Whether the subject's name alone matches."""
        if self.blind is not None:
            return self.blind.whole_subject
        return bool(self.anchors) and self.anchors[0] in self.phrases

    @property
    def named(self) -> bool:
        """Whether the subject has a name."""
        return bool(self.anchors) or (self.blind is not None and self.blind.subject.size > 0)
