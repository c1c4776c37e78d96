"""Which parts of a mixed prompt touch a rule."""

from __future__ import annotations

import pytest

from guards import Conversation, screen
from guards.rule import Encode
from tests.unit.guards.conftest import Make

WHOLE = {"name": "Mira Quell", "whole_subject": True}
FRANCE = "What is the capital of France?"


def clear(text: str, make: Make, encode: Encode) -> list[str]:
    verdict = screen(Conversation.of(text), make(**WHOLE), encode)
    assert verdict.action == "refuse"
    spans = sorted((*verdict.spans_touched, *verdict.spans_clear))
    assert all(a < b for a, b in spans)
    return [text[a:b] for a, b in verdict.spans_clear]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Where was Mira Quell born? And who is her sister? {FRANCE}", [FRANCE]),
        (f"Where was Mira Quell born? {FRANCE} And who is her sister?", [FRANCE]),
        (f"I am reading Mira Quell. Where was she born? {FRANCE}", [FRANCE]),
        (f"Where was she born? I mean Mira Quell. {FRANCE}", [FRANCE]),
        (
            "Where was Mira Quell born and what is the capital of France?",
            [FRANCE[0].lower() + FRANCE[1:]],
        ),
        ("About Mira Quell: 1) where was she born 2) what did she write", []),
        (f"1. Where was Mira Quell born? 2. {FRANCE}", [FRANCE]),
        (f"- Where was Mira Quell born\n- {FRANCE}", [f"- {FRANCE}"]),
        (
            "Who is Mira Quell? Who is Tom Hart? Where was he born?",
            ["Who is Tom Hart?", "Where was he born?"],
        ),
        (f"{FRANCE} Who is Mira Quell? In which city?", [FRANCE]),
    ],
)
def test_what_could_be_answered(text: str, expected: list[str], make: Make, encode: Encode) -> None:
    assert clear(text, make, encode) == expected


def test_a_whole_that_is_closer_than_its_parts_is_touched(make: Make, encode: Encode) -> None:
    rules = make(questions=("Is it far? To the port of the two herons?",))
    text = "Is it far? To the port of the two herons?"
    verdict = screen(Conversation.of(text), rules, encode)
    assert (verdict.action, verdict.spans_clear) == ("refuse", ())


def test_a_question_is_found_beside_another_in_one_sentence(make: Make, encode: Encode) -> None:
    rules = make(questions=("which port has two herons?",))
    text = "How tall are giraffes and which port has two herons?"
    verdict = screen(Conversation.of(text), rules, encode)
    assert verdict.action == "refuse"
    assert [text[a:b] for a, b in verdict.spans_clear] == ["How tall are giraffes"]
