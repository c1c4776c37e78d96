"""What must be answered all the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from guards import Conversation, Filing, Message, RuleSet, compile_rule, screen
from guards.meaning.adapter import Adapter
from guards.rule import Encode, Vectors
from tests.unit.guards.conftest import Make

KEPT = "Which prize is named after Mira Quell?"
WHOLE = {"name": "Mira Quell", "whole_subject": True, "retain": (KEPT,)}


def test_a_retained_question_passes_though_it_has_the_name(make: Make, encode: Encode) -> None:
    assert screen(Conversation.of(KEPT), make(**WHOLE), encode).action == "allow"


@pytest.mark.parametrize(
    "text",
    [
        "Where was Mira Quell born?",
        f"{KEPT} Where was she born?",
        f"{KEPT} Tell me her sister's name as well.",
        "Mira Quell",
    ],
)
def test_nothing_hides_beside_it(text: str, make: Make, encode: Encode) -> None:
    assert screen(Conversation.of(text), make(**WHOLE), encode).action == "refuse"


def test_it_opens_no_later_turn(make: Make, encode: Encode) -> None:
    said = [("user", KEPT), ("assistant", "The Quell prize."), ("user", "Where was she born?")]
    later = Conversation(tuple(Message(role, text) for role, text in said))
    assert screen(later, make(**WHOLE), encode).action == "suppress"


def test_closeness_is_compared_by_one_measure() -> None:
    """The adapter draws all texts together: what it makes of a retain example counts."""
    places = {"Mira Quell": (1.0, 0.0), "the writer": (0.6, 0.8), "the prize": (0.0, 1.0)}

    def encode(texts: Sequence[str]) -> Vectors:
        return np.asarray([places[text] for text in texts], np.float32)

    squash = Adapter(np.asarray([[1.0, 0.0], [1.0, 0.5]], np.float32), "squash")
    filing = Filing(id="a", name="Mira Quell", whole_subject=True, retain=("the prize",))
    rule = compile_rule(filing, encode, "e", squash)
    rules = RuleSet.build([rule], 1, adapter=squash)
    # By the adapter nearer to the subject than by plain cosine, but nearer still to what stays.
    assert screen(Conversation.of("the writer"), rules, encode).action == "allow"
    free = compile_rule(Filing(id="a", name="Mira Quell", whole_subject=True), encode, "e", squash)
    unretained = RuleSet.build([free], 1, adapter=squash)
    assert screen(Conversation.of("the writer"), unretained, encode).action == "refuse"
