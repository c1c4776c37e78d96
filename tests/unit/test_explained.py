"""What `lethe explain` prints on a terminal."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from gateway.cli.explained import print_explanation

TEXT = "Who is Mira [red] Quell? How tall are giraffes?"
ANSWER: dict[str, Any] = {
    "action": "refuse",
    "revision": 12,
    "latency_ms": 2.1,
    "matches": [
        {
            "id": "fr_1",
            "kind": "name",
            "score": 1.0,
            "threshold": 0.7,
            "detectors": {"name": 1.0, "surname": 0.0},
            "view": "folded",
            "span": [7, 23],
            "message": 0,
            "enforced": False,
        }
    ],
    "spans_touched": [[0, 24]],
    "spans_clear": [[25, 47]],
    "thresholds": {"asked": 0.8, "about": 0.7},
    "nearest": [{"id": "fr_2", "kind": "asked", "score": 0.41, "threshold": 0.8, "retained": None}],
    "hits": [
        {
            "id": "fr_3",
            "detector": "surname",
            "weight": 0.4,
            "message": 0,
            "span": [18, 23],
            "view": "folded",
        }
    ],
    "views": [{"message": 0, "view": "rot13", "text": "what it says", "embedded": True}],
}


def printed(answer: dict[str, Any]) -> str:
    out = StringIO()
    print_explanation(TEXT, answer, Console(file=out, width=120))
    return out.getvalue()


def test_it_says_what_happens_and_why() -> None:
    shown = printed(ANSWER)
    assert shown.startswith("refuse")
    for told in (
        "fr_1 (observes)",
        "name 1.00",
        "fr_2",
        "0.41",
        "surname",
        "rot13",
        "what it says",
    ):
        assert told in shown
    assert TEXT in shown  # brackets are no markup


def test_what_is_empty_is_left_out() -> None:
    nothing = ANSWER | {"action": "allow", "matches": [], "hits": [], "nearest": [], "views": []}
    shown = printed(nothing | {"spans_touched": []})
    assert "Matches" not in shown
    assert "Nearest" not in shown
