"""Which rules lie near to some windows of text, also where they are no match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from guards.meaning.similarity import best_cosine
from guards.rule import Rule, Vectors
from guards.ruleset import RuleSet
from guards.thresholds import Thresholds
from guards.verdict import Kind

_NEAREST = 5
_WINDOWS = 16
"""Windows that are looked at: the first and the last of them."""
_RADII = (0.6, 0.45, 0.3)
"""Cosines from which rules count as near, the next where there are too few; below is chance."""


@dataclass(frozen=True, slots=True)
class Near:
    """A rule that lies close to the conversation, also where it is no match.

    `score` is the highest cosine of a window to what was filed, `retained` that of the same
    window to what the rule retains, None where it retains nothing: a match needs a score that
    reaches the threshold and is the higher of both.
    """

    id: str
    kind: Kind
    score: float
    threshold: float
    retained: float | None


def nearest(windows: Vectors, rules: RuleSet) -> tuple[Near, ...]:
    """The five rules that come nearest to their thresholds, the nearest first.

    `windows` are unit-norm embeddings, shape (w, d).
    """
    if len(windows) > _WINDOWS:
        windows = np.concatenate((windows[: _WINDOWS // 2], windows[-_WINDOWS // 2 :]))
    found: dict[str, tuple[float, Rule, Kind, int]] = {}
    for radius in _RADII:
        for rule, kind, window, cosine in _within(windows, rules, radius):
            margin = cosine - getattr(rules.thresholds, kind)
            if rule.id not in found or margin > found[rule.id][0]:
                found[rule.id] = margin, rule, kind, window
        if len(found) >= _NEAREST:
            break
    best = sorted(found.values(), key=lambda near: (-near[0], near[1].id))[:_NEAREST]
    return tuple(
        Near(
            id=rule.id,
            kind=kind,
            score=min(margin + getattr(rules.thresholds, kind), 1.0),
            threshold=getattr(rules.thresholds, kind),
            retained=_retained(rule, kind, windows[window], rules),
        )
        for margin, rule, kind, window in best
    )


def _within(
    windows: Vectors, rules: RuleSet, radius: float
) -> Iterator[tuple[Rule, Kind, int, float]]:
    lower = rules.with_thresholds(Thresholds(asked=radius, about=radius))
    for rule, window, cosine in lower.find_asked(windows):
        yield rule, "asked", window, cosine
    for rule, window, cosine in lower.find_about(rules.adapter(windows)):
        yield rule, "about", window, cosine


def _retained(rule: Rule, kind: Kind, window: Vectors, rules: RuleSet) -> float | None:
    """The cosine of a window to what a rule retains, measured as that to what was filed."""
    if not len(rule.retain):
        return None
    retain: Vectors = rule.retain.astype(np.float32)
    if kind == "about":
        retain, window = rules.adapter(retain), rules.adapter(window[None])[0]
    return min(best_cosine(retain, window), 1.0)
