"""A name that is split over content parts is put together, however the engine joins them."""

from __future__ import annotations

import itertools
from itertools import pairwise

import pytest

from folding import fold
from gateway.errors import InvalidRequest
from gateway.openai.budget import Budget
from gateway.openai.parts import joined


def readings(*texts: str) -> list[str]:
    return [fold(text).text for text in joined(texts, "messages[0].content", Budget())]


def test_the_engine_s_own_join_comes_first() -> None:
    assert next(joined(["a", "", "b"], "x", Budget())) == "a\n\nb"


@pytest.mark.parametrize(
    "texts",
    [
        ("Mira", "Quell"), ("Mira", "Qu", "ell"), ("Mi", "ra", "Quell"), ("Mi", "ra Qu", "ell"),
        ("Who is Mi", "ra", "Qu", "ell?"), ("Mi", "", "ra", "", "Quell"), ("Mira ", "Qu", "ell"),
        tuple("Mira Quell"), tuple("MiraQuell"), ("x" * 300, "Mi", "ra", "Quell", "y" * 300),
        ("Hello. ", "Who is Mira", "Qu", "ell", " then?"),
        ("word " * 100 + "Mira", "Quell" + " word" * 100),
    ],
)  # fmt: skip
def test_a_split_name_is_read(texts: tuple[str, ...]) -> None:
    assert any("mira quell" in reading for reading in readings(*texts))


def test_three_words_in_four_parts() -> None:
    letters = ["M", "i", "r", "a", " A", "n", "n", " Q", "u", "e", "l", "l"]
    for cuts in itertools.combinations(range(1, len(letters)), 3):
        ends = pairwise((0, *cuts, len(letters)))
        texts = ["".join(letters[start:end]).strip() for start, end in ends]
        assert any("mira ann quell" in reading for reading in readings(*texts)), texts


@pytest.mark.parametrize(
    "texts",
    [
        ("Summarise this.", "A page. Another one.\n", "The end."),
        ("One line\n", "Two lines\n"),
        ("alone",),
        (),
    ],
)
def test_whole_sentences_are_read_once(texts: tuple[str, ...]) -> None:
    assert len(readings(*texts)) == 1


def test_many_broken_words_are_too_many() -> None:
    with pytest.raises(InvalidRequest) as caught:
        readings(*["ab"] * 1_000)
    assert caught.value.param == "messages[0].content"
    assert sum(map(len, readings(*["ab" * 80] * 200))) < 200_000
