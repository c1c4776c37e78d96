"""What a model says under a steering, in numbers, and which steering is chosen for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from gateway.evaluation.asking import Asked
from gateway.evaluation.scores import scores

_WORD_RATE, _REPETITION, _FLOOR = 0.95, 1.2, 0.01
"""Least share of the unsteered model's word rate, most of its repetition, and what is added to the
latter: a model that hardly repeats itself would allow nothing else."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Means over replies; see docs/evaluation.md for the scores.

    `rouge` is ROUGE-L recall of the true answers to the questions that vectors were built from
    (None where all are held out), `held_out` to the held-out ones, `retain` to retain questions
    under the same steering, which a gateway would not steer. `word_rate` is None where no reply
    has a word in Latin letters.
    """

    rouge: float | None
    held_out: float
    retain: float
    word_rate: float | None
    repetition: float

    @classmethod
    def of(cls, forget: Sequence[Asked], retain: Sequence[Asked], known: Set[str]) -> Finding:
        """From replies to forget prompts, one held out at least, and to retain prompts.

        `known` are words that count as known whatever word lists say.
        """
        found, kept = scores(forget, known), scores(retain, known)
        return cls(
            found["rougeL"],
            found["rougeL_paraphrased"],
            kept["rougeL"],
            found["fluency"]["word_rate"],
            found["fluency"]["repetition"],
        )

    def as_json(self) -> dict[str, float | None]:
        """As the report names it."""
        return {
            "rougeL": self.rouge,
            "rougeL_held_out": self.held_out,
            "word_rate": self.word_rate,
            "repetition": self.repetition,
            "retain_rougeL": self.retain,
        }


@dataclass(frozen=True, slots=True)
class Point:
    """One layer and strength, and what was found there; `fluent` as `fluent` says."""

    layer: int
    alpha: float
    finding: Finding
    fluent: bool

    def as_json(self) -> dict[str, Any]:
        """One flat object."""
        place = {"layer": self.layer, "alpha": self.alpha}
        return place | self.finding.as_json() | {"fluent": self.fluent}


def fluent(finding: Finding, unsteered: Finding) -> bool:
    """Whether replies are about as fluent as those of the unsteered model."""
    least = _WORD_RATE * (unsteered.word_rate or 0.0)
    most = _REPETITION * unsteered.repetition + _FLOOR
    return (finding.word_rate or 0.0) >= least and finding.repetition <= most


def ranked(points: Iterable[Point]) -> list[Point]:
    """Best first: fluent ones, and of those what tells least to held-out phrasings."""
    return sorted(points, key=lambda at: (not at.fluent, at.finding.held_out, at.alpha))


def chosen(points: Iterable[Point]) -> Point | None:
    """The best point; None where none is fluent."""
    best = ranked(points)[:1]
    return best[0] if best and best[0].fluent else None
