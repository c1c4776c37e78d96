"""From which score on a window of a prompt counts as touching a rule."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores, 0..1, that hold for all rules of a rule set; a deployment calibrates its own.

    `asked`: cosine of a window to a filed question or fact, from which it asks for the same.
    `about`: score of a window against a subject, from which it is about it: the cosine to the
    name or a describing passage, plus the weight of a surname in that window.
    """

    asked: float
    about: float


def shipped_curve() -> list[tuple[float, Thresholds]]:
    """Target rates with the thresholds that were derived for them; see the card beside the file."""
    file = Path(__file__).with_name("meaning") / "shipped" / "thresholds.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    return [(row["target_fpr"], Thresholds(row["asked"], row["about"])) for row in rows]


SHIPPED = dict(shipped_curve())[0.01]
"""What holds where a deployment has not calibrated its own."""
