"""How the parts of a message hang together."""

from __future__ import annotations

import pytest

from guards import threads
from guards.text.questions import asks

FRANCE = "What is the capital of France?"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([FRANCE, "Who is Tom Hart?"], [[0], [1]]),
        (["Who is Tom Hart?", "And how old was he then?"], [[0, 1]]),
        (["Who is Tom Hart?", "Where was he born?", "And who is his sister?"], [[0, 1, 2]]),
        (["Who is Tom Hart?", "Where was he born?", FRANCE], [[0, 1], [2]]),
        (["And where was he born?", FRANCE], [[0], [1]]),
        (["I am writing an essay about rivers.", FRANCE, "Thanks a lot!"], [[1]]),
        (["Wer ist Tom Hart?", "Wo wurde er geboren?"], [[0, 1]]),
    ],
)
def test_a_part_that_goes_on_follows_the_one_before(
    parts: list[str], expected: list[list[int]]
) -> None:
    assert threads(parts) == expected


@pytest.mark.parametrize(
    "text",
    [
        FRANCE,
        "what's the capital of France",
        "in which year did the war end",
        "Please name the capital of France.",
        "I would like to know the capital of France.",
        "And where does the river end",
        "Nenne mir die Hauptstadt.",
        "wo liegt Paris",
        "¿Cómo te llamas",
        "日本の首都は？",
    ],
)
def test_it_asks(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am a student.",
        "Hi there.",
        "Thank you very much!",
        "My sister lives there.",
        "Listen to me.",
        "",
    ],
)
def test_it_asks_nothing(text: str) -> None:
    assert not asks(text)
