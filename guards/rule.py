"""A rule: what a forget request compiles to. Immutable; a new version is a new rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit-norm sentence embeddings, shape (n, d)."""

Encode = Callable[[Sequence[str]], Vectors]
"""A sentence encoder: n texts in, unit-norm float32 embeddings of shape (n, d) out."""


class Action(StrEnum):
    """What a match leads to; `AUTO` refuses a sure match and suppresses an unsure one."""

    AUTO = "auto"
    REFUSE = "refuse"
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one forget request looks for in a prompt.

    `phrases` are folded (see `guards.text.fold`) names, aliases and forbidden strings: any of
    them at word boundaries is a sure match. `vectors` are embeddings, unit norm, shape
    (n, d), of what the request covers; a window of the prompt whose cosine to one of them
    reaches `threshold` matches, unless it lies closer to one of `retain` (m, d).
    `anchors` are the subject's folded names, where it has any: they let a cosine match be told
    from a namesake (see `guards.screen`). They match nothing by themselves unless they are
    among `phrases` too, which is what makes a rule one of the whole subject.
    `words` are folded words of the covered texts: they decide which windows of a long prompt
    are worth embedding.
    `encoder` is the fingerprint of the encoder that made the embeddings: vectors of
    another encoder mean nothing and must be compiled anew.
    """

    id: str
    version: int
    action: Action
    phrases: tuple[str, ...] = field(repr=False)
    asked: Vectors = field(repr=False)
    about: Vectors = field(repr=False)
    retain: Vectors = field(repr=False)
    encoder: str
    anchors: tuple[str, ...] = field(default=(), repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)

    @property
    def whole_subject(self) -> bool:
        """Whether the subject's name alone matches."""
        return bool(self.anchors) and self.anchors[0] in self.phrases
