"""From which score on a window of a prompt counts as touching a rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores, 0..1, that hold for all rules of a rule set; a deployment calibrates its own.

    `asked`: cosine of a window to a filed question or fact, from which it asks for the same.
    `about`: score of a window against a subject, from which it is about it: the cosine to the
    name or a describing passage, plus the weight of a surname in that window.
    """

    asked: float = 0.74
    about: float = 0.74


SHIPPED = Thresholds()
"""What holds where a deployment has not calibrated its own."""
