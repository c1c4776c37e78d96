"""Thresholds from negatives: prompts of a deployment that touch none of its forget requests.

Split conformal prediction: of n exchangeable scores a new one exceeds the
ceil((n + 1)(1 - target))-th lowest with a chance of at most the target ("A Gentle Introduction to
Conformal Prediction", Angelopoulos and Bates, arXiv 2107.07511). Prompts of one template or about
one subject are no independent ones: the larger such a group, the less each of it weighs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from guards.thresholds import Thresholds
from guards.verdict import Kind

Scores = NDArray[np.float64]

BOUNDS: Mapping[Kind, tuple[float, float]] = {"asked": (0.55, 0.95), "about": (0.5, 1.1)}
"""What a threshold may be: lower, everything would match; higher, no paraphrase would."""

TARGETS = (
    0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2,
)  # fmt: skip
"""Target rates that a curve tells, where there are negatives enough for them."""

_SHARE = 0.5
"""Of a target what one group may use up by itself. An over-sampled template would otherwise set
the thresholds alone."""


@dataclass(frozen=True, slots=True)
class Point:
    """Thresholds for one target, and the share of the negatives that reaches them.

    `weighted` is that share by weight, which the target bounds.
    """

    target_fpr: float
    thresholds: Thresholds
    flagged: float
    weighted: float
    by_kind: Mapping[Kind, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The chosen point, those around it by rising target, and what to think of it.

    `effective` is how many independent negatives the given ones are worth.
    """

    chosen: Point
    curve: tuple[Point, ...]
    effective: float
    warnings: tuple[str, ...]


def calibrate(
    scores: Mapping[Kind, Scores], sizes: Scores, target_fpr: float, shipped: Thresholds
) -> Calibration:
    """Thresholds that a new negative reaches, by one kind of score or another, with `target_fpr`.

    `scores` are the best ones of n negatives by kind ("asked", "about"), shape (n,), -inf where
    there is none; `sizes`, shape (n,), say how many of them stand in the largest group of each,
    1 for one that is like no other. Both kinds get the same rank among the negatives, so neither
    uses up the target alone. A kind without scores keeps its `shipped` threshold; so does one that
    too few negatives would lower. Raises `ValueError` for a target outside (0, 1) or arrays of
    unlike lengths.
    """
    if not 0 < target_fpr < 1:
        raise ValueError("the target rate must lie between 0 and 1")
    if any(values.shape != sizes.shape for values in scores.values()):
        raise ValueError("there must be one score of each kind and one group size per negative")
    told = {kind: v for kind, v in scores.items() if np.isfinite(v).any()}
    weights = _weights(sizes, target_fpr)
    effective = float(weights.sum())
    enough = (effective + 1) * target_fpr >= 1
    found = _thresholds(told, weights, target_fpr)
    if not enough:
        found = {kind: max(value, getattr(shipped, kind)) for kind, value in found.items()}
    warnings = [] if enough else [_too_few(effective, target_fpr)]
    for kind, value in found.items():
        low, high = BOUNDS[kind]
        if not low <= value <= high:
            warnings.append(_out_of_bounds(kind, value, min(max(value, low), high)))
    chosen = _point(told, weights, target_fpr, found, shipped)
    curve = [chosen] if enough else []
    for target in TARGETS:
        weights = _weights(sizes, target)
        if target != target_fpr and (weights.sum() + 1) * target >= 1:
            at = _thresholds(told, weights, target)
            curve.append(_point(told, weights, target, at, shipped))
    curve.sort(key=lambda point: point.target_fpr)
    return Calibration(chosen, tuple(curve), round(effective, 1), tuple(warnings))


def interpolated(curve: Sequence[tuple[float, Thresholds]], target_fpr: float) -> Thresholds:
    """The thresholds of a curve at a target, linear in its logarithm between two points.

    Raises `ValueError` for an empty curve and for a target that it does not reach.
    """
    points = sorted(curve, key=lambda point: point[0])
    if not points or not points[0][0] <= target_fpr <= points[-1][0]:
        reach = f"from {points[0][0]:g} to {points[-1][0]:g}" if points else "nowhere"
        raise ValueError(f"the curve goes {reach}, not to {target_fpr:g}")
    at = [math.log(target) for target, _ in points]
    values = {
        kind: float(np.interp(math.log(target_fpr), at, [getattr(t, kind) for _, t in points]))
        for kind in BOUNDS
    }
    return Thresholds(**values)


def _weights(sizes: Scores, target_fpr: float) -> Scores:
    """At most 1 each, and so that no group has more than its share of the target."""
    most = max(1.0, _SHARE * target_fpr * len(sizes))
    return np.minimum(1.0, most / sizes)


def _thresholds(
    scores: Mapping[Kind, Scores], weights: Scores, target_fpr: float
) -> dict[Kind, float]:
    """By kind the lowest threshold, in steps of .0001, for which all kinds together hold it."""
    if not scores:
        return {}
    ranks = {kind: _tail(values, weights) for kind, values in scores.items()}
    best = np.min(list(ranks.values()), axis=0)
    flagged = _tail(-best, weights) <= target_fpr
    level = best[flagged].max(initial=0.0)
    highest = {kind: scores[kind][ranks[kind] > level].max(initial=-1.0) for kind in scores}
    return {kind: (math.floor(value * 1e4) + 1) / 1e4 for kind, value in highest.items()}


def _tail(values: Scores, weights: Scores) -> Scores:
    """For each value the share of those at least as high; the new one counts among them."""
    unique, inverse = np.unique(values, return_inverse=True)
    mass = np.bincount(inverse, weights, len(unique))
    share = (mass[::-1].cumsum()[::-1] + 1) / (weights.sum() + 1)
    return np.asarray(share[inverse])


def _point(
    scores: Mapping[Kind, Scores],
    weights: Scores,
    target_fpr: float,
    found: Mapping[Kind, float],
    shipped: Thresholds,
) -> Point:
    bounded = {str(kind): float(np.clip(value, *BOUNDS[kind])) for kind, value in found.items()}
    thresholds = Thresholds(**(asdict(shipped) | bounded))
    reached = {kind: v >= getattr(thresholds, kind) for kind, v in scores.items()}
    either = np.any(list(reached.values()), axis=0) if reached else np.zeros(len(weights), bool)
    weighted = float(weights[either].sum() / weights.sum()) if len(weights) else 0.0
    by_kind = {kind: _share(hits) for kind, hits in reached.items()}
    return Point(target_fpr, thresholds, _share(either), round(weighted, 5), by_kind)


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 5) if len(hits) else 0.0


def _too_few(effective: float, target_fpr: float) -> str:
    return (
        f"too few negatives for a rate of {target_fpr:g}: they are worth {effective:.0f} "
        f"independent ones, and {math.ceil(1 / target_fpr) - 1} are needed; no threshold was "
        f"lowered. Bring more, about other subjects and in other wordings."
    )


def _out_of_bounds(kind: Kind, value: float, bounded: float) -> str:
    what = "ask for what was filed" if kind == "asked" else "are about those who were filed"
    why = (
        f"the target is not reached; look for negatives that {what}"
        if value > bounded
        else "the negatives are too unlike what was filed to tell; bring more that come near it"
    )
    return f"the negatives ask for {kind} = {value:.2f}, bounded to {bounded:.2f}: {why}."
