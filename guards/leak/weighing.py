"""What counts how much where a sentence is compared with a filed fact."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

MEASURES = (
    "closeness", "beyond", "beyond_question", "marks", "words", "unmarked", "strange", "fresh",
)  # fmt: skip
"""What the weights belong to, see `guards.leak.told.measured`."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What each measure counts, in their order, and the score from which a fact is told."""

    weights: tuple[float, ...]
    bias: float
    threshold: float


def shipped() -> Weighing:
    """What was fitted to written material, for the packaged encoder; see the card beside it."""
    file = Path(__file__).with_name("shipped") / "told.json"
    row = json.loads(file.read_text(encoding="utf-8"))
    weights = tuple(float(row["weights"][name]) for name in MEASURES)
    return Weighing(weights, float(row["bias"]), float(row["threshold"]))


SHIPPED = shipped()
