"""The outcome of screening one conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["allow", "suppress", "refuse"]


@dataclass(frozen=True, slots=True)
class Match:
    """Why one rule matched.

    `detectors` maps a detector's name ("name", "cosine", …) to its score in 0..1; `score` is
    what was compared with `threshold`. `span` is [start, end) in characters of the text of
    message number `message`; `view` names the form of the text in which the match was seen.
    """

    id: str
    score: float
    threshold: float
    detectors: dict[str, float]
    view: str
    span: tuple[int, int]
    message: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """allow, suppress or refuse, at one revision, with the matches that led there.

    `spans_clear` are the [start, end) spans of the last user message that touch no rule; none
    are given of a message that is too long to be told apart.
    """

    action: Outcome
    revision: int
    matches: tuple[Match, ...] = ()
    spans_clear: tuple[tuple[int, int], ...] = field(default=())
