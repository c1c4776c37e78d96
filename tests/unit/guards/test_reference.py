from __future__ import annotations

import pytest

from guards.talk.reference import Reading, refers_back, speaks_of

MIRA = frozenset({"mira", "quell"})


@pytest.mark.parametrize(
    "text",
    [
        "Where was she born?",
        "And her sister?",
        "What did she think of Berlin?",
        "In Paris, what did she do?",
        "Was she born in Port Hale?",
        "And Mira's sister?",
        "What about Quell?",
        "Why?",
        "And when?",
        "Go on.",
        "tell me more",
        "Wo wurde sie geboren?",
        "Welche Bücher hat sie geschrieben?",
        "Où est-elle née?",
        "¿Dónde nació ella?",
        "Qual è il suo libro più noto?",
    ],
)
def test_refers_back(text: str) -> None:
    assert refers_back(Reading.of(text), MIRA)


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "Who was Tom Hart and where was he born?",
        "Who is Plato and when did he die?",
        "Thanks!",
        "How are you?",
        "Können Sie mir helfen?",
        "Write a poem about the sea.",
        "How do I fix a flat tyre?",
        "",
    ],
)
def test_speaks_of_something_else(text: str) -> None:
    assert not refers_back(Reading.of(text), MIRA)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where was Mira Quell born?", True),
        ("Where was Quell born?", True),
        ("where was mira quell born", True),
        ("WHERE WAS MIRA QUELL BORN", True),
        ("Is Mira's sister a nurse?", True),
        ("The Quells of Port Hale", True),
        ("Mirá Quell", True),
        ("Was Professor Quell there?", True),
        ("Where was Tom Quell born?", False),
        ("Where was Mira Hart born?", False),
        ("Tom Quell wrote it.", False),
        ("Where was he born?", None),
        ("", None),
    ],
)
def test_a_namesake_is_not_the_subject(text: str, expected: bool | None) -> None:
    assert speaks_of(Reading.of(text), MIRA) is expected
