"""What an answer tells beside its question."""

from __future__ import annotations

import pytest

from guards import Conversation, RuleSet, screen_answer
from guards.rule import Encode
from tests.unit.guards.conftest import Make


@pytest.fixture
def rules(make: Make) -> RuleSet:
    return make(name="Leonardo da Quell", whole_subject=True)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Who painted the Heron?", "Leonardo da Quell"),
        ("The Heron was painted by ___.", "Leonardo da Quell."),
        ("___ painted the Heron in ___.", "Leonardo da Quell painted it in 1503."),
        ("The Heron hangs in ___.", "It hangs in the house of Leonardo da Quell, its painter."),
    ],
)
def test_an_answer_that_names_the_subject_is_stopped(
    rules: RuleSet, encode: Encode, asked: str, answer: str
) -> None:
    assert screen_answer(Conversation.of(asked), answer, rules, encode) == ("fr_1",)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("In the film, Tom ___ plays the captain.", "Marlow"),
        ("The Heron was painted by ___.", "Tom Marlow"),
    ],
)
def test_an_answer_that_names_another_one_is_not(
    rules: RuleSet, encode: Encode, asked: str, answer: str
) -> None:
    assert screen_answer(Conversation.of(asked), answer, rules, encode) == ()
