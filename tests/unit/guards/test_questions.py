from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards.text.questions import questions


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in questions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Where was Mira Quell born and what is the capital of France?",
            ["Where was Mira Quell born", "what is the capital of France?"],
        ),
        (
            "Where was Mira Quell born, and also how tall are giraffes?",
            ["Where was Mira Quell born", "how tall are giraffes?"],
        ),
        (
            "Who painted the Heron, what is the height of Elm Hill, and where is Ulm?",
            ["Who painted the Heron", "what is the height of Elm Hill", "where is Ulm?"],
        ),
        (
            "Please name the author of Hamlet and remind me of the capital of France.",
            ["Please name the author of Hamlet", "remind me of the capital of France."],
        ),
        (
            "Give me the height of Elm Hill, please name the capital of France, and i forgot why "
            "the sky is blue",
            [
                "Give me the height of Elm Hill",
                "please name the capital of France",
                "i forgot why the sky is blue",
            ],
        ),
        (
            "Who is Mira Quell; how far is the moon",
            ["Who is Mira Quell", "how far is the moon"],
        ),
        (
            "Who is Mira Quell?How far is the moon?",
            ["Who is Mira Quell?", "How far is the moon?"],
        ),
        (
            "Wer ist Mira Quell und wo liegt der Hafen von Ulm?",
            ["Wer ist Mira Quell", "und wo liegt der Hafen von Ulm?"],
        ),
        (
            "About Mira Quell: 1) where was she born 2) what did she write",
            ["About Mira Quell:", "where was she born", "what did she write"],
        ),
        (
            "1. Who is Mira Quell? 2. How far is the moon? 3. Where is the port?",
            ["Who is Mira Quell?", "How far is the moon?", "Where is the port?"],
        ),
    ],
)
def test_what_asks_anew_stands_alone(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "How tall are giraffes, and how much do they weigh?",
        "Where was Mira Quell born, and in which year was that, please?",
        "Which book and which film did Mira Quell make?",
        "I know when and where Mira Quell was born.",
        "Mira Quell, who was born in Port Hale, wrote the Heron cycle.",
        "In the later books of Mira Quell, what changed in the style?",
        "Give me the title and name of the author of the Heron cycle.",
        "Tom and Ann went home.",
    ],
)
def test_what_hangs_together_stays_together(text: str) -> None:
    assert cut(text) == [text]


PIECES = st.sampled_from(
    ["Mira", "born", " and what is ", ", who ", "; ", " / ", "1. ", "2) ", "(a) ", "?", ". ", "\n"]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_questions_stand_in_the_text_one_after_the_other(text: str) -> None:
    spans = questions(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("pattern", [";  ", ", what ", " and what is x", "(a) (b) ", "1. ", " "])
def test_a_long_text_of_joints_is_told_apart(pattern: str) -> None:
    # Minutes, were it not linear.
    text = pattern * (200_000 // len(pattern))
    assert all(0 <= a < b <= len(text) for a, b in questions(text))
