"""How near negatives come to what is forgotten: the best score of each kind, whatever suffices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gateway.encoder import Encoder
from gateway.evaluation.grouping import group_sizes
from gateway.evaluation.progress import followed
from gateway.evaluation.rows import BadRow, Negative
from guards import Conversation, RuleSet, best_scores
from guards.meaning.calibration import BOUNDS, Calibration, calibrate
from guards.thresholds import SHIPPED

_NONE = (-np.inf, "")


def calibrated(
    negatives: Sequence[Negative], rules: RuleSet, encoder: Encoder, target_fpr: float
) -> Calibration:
    """Thresholds for these rules and negatives; raises `BadRow` when there is nothing to score.

    A negative that names somebody filed matches whatever the thresholds are, so it is left out.
    """
    if not rules.rules:
        raise BadRow("There is no forget request to calibrate for; file or bring at least one.")
    best = [
        best_scores(Conversation.of(negative.text), rules, encoder.encode)
        for negative in followed(negatives, "Scoring")
    ]
    free = [number for number, scores in enumerate(best) if "name" not in scores]
    if not free:
        raise BadRow("There is no negative that names nobody filed; bring some.")
    scores = {
        kind: np.array([best[number].get(kind, _NONE)[0] for number in free]) for kind in BOUNDS
    }
    sizes = group_sizes([negatives[number] for number in free])
    found = calibrate(scores, sizes, target_fpr, SHIPPED)
    named = len(negatives) - len(free)
    if not named:
        return found
    warning = (
        f"{named} of {len(negatives)} negatives name somebody who was filed, which matches at any "
        f"threshold; they were left out."
    )
    return replace(found, warnings=(*found.warnings, warning))
