"""A question in the middle of another sentence, told by a surname."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from guards import Conversation, Filing, RuleSet, compile_rule, screen
from guards.rule import Vectors

PADDING = (
    "the committee that met on Tuesday to look at the timetable of the bus to the old market "
    "agreed on {} although the weather had turned and nobody could find the key of the shed"
)
FILING = Filing(id="fr_1", name="Mira Quell", whole_subject=True)


def encode(texts: Sequence[str]) -> Vectors:
    """Two dimensions: the share of words about the subject, and the rest."""
    rows = []
    for text in texts:
        words = text.casefold().split()
        about = sum(word in {"mira", "quell", "born", "novels"} for word in words) / len(words)
        rows.append((about, np.sqrt(1 - about**2)))
    return np.asarray(rows, np.float32).reshape(-1, 2)


RULES = RuleSet.build([compile_rule(FILING, encode, "fake")], 1)


def judge(text: str) -> str:
    return screen(Conversation.of(text), RULES, encode).action


def test_what_stands_around_the_surname_is_seen_by_itself() -> None:
    assert judge("Was Quell born?") != "allow"
    assert judge(PADDING.format("novels Quell born novels Quell novels born Quell born")) != "allow"


@pytest.mark.parametrize("other", ["Marlow born novels born novels", "a walk to the Quell river"])
def test_a_long_sentence_about_others_passes(other: str) -> None:
    assert judge(PADDING.format(other)) == "allow"
