"""A relative of somebody with the surname is asked for."""

from __future__ import annotations

import pytest

from tests.unit.guards.test_names import of, weight

QUELL = of("Mira Quell")


@pytest.mark.parametrize(
    "text",
    [
        "Who is the sister of Tom Quell?",
        "Who is the great-granddaughter of Conrad Quell, founder of Quell Mills?",
        "Which novel is by the daughter of the late painter Tom Quell?",
        "What is the name of Tom Quell's younger sister?",
        "Wer ist die Schwester von Tom Quell?",
        "¿Quién es la hermana de Tom Quell?",
    ],
)
def test_it_may_be_whom_was_filed(text: str) -> None:
    assert weight(QUELL, text) >= 0.3


@pytest.mark.parametrize(
    "text",
    [
        "Where was Tom Quell born?",
        "Who is the editor of Tom Quell?",
        "Tom Quell grew up in ___, the son of the miller Ed Quell.",
        "Who wrote to her sister? I asked Tom Quell.",
        "What does Tom Quell's poem say of winter, and of his sister?",
    ],
)
def test_a_namesake_stays_a_namesake(text: str) -> None:
    assert not weight(QUELL, text)
