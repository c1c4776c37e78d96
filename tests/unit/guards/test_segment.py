from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards.text.choose import MAX_WINDOWS, windows
from guards.text.segment import readable, sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who is Dr. M. Quell? She wrote it.", ["Who is Dr. M. Quell?", "She wrote it."]),
        ("Hi. Where was she born?", ["Hi. Where was she born?"]),
        ("Where was she born? Thanks.", ["Where was she born? Thanks."]),
        ("one two three\nfour five six", ["one two three", "four five six"]),
        ("彼女はどこ？生まれはどこ？", ["彼女はどこ？", "生まれはどこ？"]),
        ("Pi is 3.14 or so. It is fine.", ["Pi is 3.14 or so.", "It is fine."]),
        ("   ", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_short_prompt_is_one_window() -> None:
    text = "  Where was Mira Quell born, and in which year was that, please?\n"
    assert windows(text) == [(2, len(text) - 1)]


def test_filler_does_not_dilute() -> None:
    question = "Where was Mira Quell born?"
    filler = "The weather was fine and nobody minded the rain that fell on the hills. " * 200
    text = filler + question + " " + filler
    spans = windows(text)
    assert len(spans) <= MAX_WINDOWS
    assert question in [text[a:b] for a, b in spans]


def test_a_long_sentence_is_cut_into_overlapping_windows() -> None:
    text = " ".join(f"w{i}" for i in range(200))
    spans = windows(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(b[0] < a[1] for a, b in pairwise(spans))


@given(st.text(alphabet='ab .?!\n。あ一M’"', max_size=400))
def test_windows_are_bounded_ordered_and_cover_every_sentence(text: str) -> None:
    spans = windows(text)
    assert len(spans) <= MAX_WINDOWS
    assert all(0 <= a < b <= len(text) and text[a:b].strip() == text[a:b] for a, b in spans)
    if len(spans) < MAX_WINDOWS:
        covered = {i for a, b in spans for i in range(a, b)}
        assert {i for i, c in enumerate(text) if not c.isspace()} <= covered


def test_spoofed_latin_is_read_as_latin_and_foreign_words_stay() -> None:
    assert readable("Where was Мirа born?") == "where was mira born?"
    assert readable("Где родилась Мира?") == "Где родилась Мира?"
    assert readable("Where was Mira born?") == "Where was Mira born?"
