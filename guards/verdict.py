"""The outcome of screening one conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["allow", "suppress", "refuse"]
Kind = Literal["name", "about", "asked", "history"]


@dataclass(frozen=True, slots=True)
class Match:
    """Why one rule matched.

    `kind` says what the match is by: "name", "about" (the subject), "asked" (a filed question
    or fact) or "history" (an earlier turn). `detectors` maps each detector ("name", "surname",
    "cosine", …) to its highest score in 0..1, wherever it was seen; `score` is what was compared
    with `threshold`. `span` is [start, end) in characters of the text of message number
    `message`; `view` names the form of the text in which the match was seen. A match that is
    not `enforced` is one of a rule that only observes.
    """

    id: str
    score: float
    threshold: float
    kind: Kind
    detectors: dict[str, float]
    view: str
    span: tuple[int, int]
    message: int
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """allow, suppress or refuse, at one revision, with the matches that led there.

    `spans_touched` are the [start, end) spans of the parts of the last user message that touch
    a rule, `spans_clear` those that touch none: a mixed prompt could be answered in part. Parts
    are sentences, items of lists, and the questions that share a sentence. None are given of a
    message that is too long to be told apart.
    """

    action: Outcome
    revision: int
    matches: tuple[Match, ...] = ()
    spans_touched: tuple[tuple[int, int], ...] = ()
    spans_clear: tuple[tuple[int, int], ...] = ()
