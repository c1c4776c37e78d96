from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folding import fold
from guards.leak.figures import NUMBERS, figures

ONES = "one two three four five six seven eight nine".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def read(text: str) -> list[str]:
    return figures(fold(text).text)


@pytest.mark.parametrize(
    "text",
    [
        "3 April 1961",
        "the third of April 1961",
        "03.04.1961",
        "am dritten April neunzehnhunderteinundsechzig",
        "3. April 1961",
        "the third of April, nineteen sixty-one",
        "le 3 avril 1961",
    ],
)
def test_a_date_is_the_same_however_it_is_written(text: str) -> None:
    assert read(text) == ["3", "4", "1961"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("€84k", "84000"),
        ("84.000 Euro", "84000"),
        ("She earns 84,000.", "84000"),
        ("a hundred and twenty thousand pounds", "120000"),
        ("30m francs", "30000000"),
        ("thirty million", "30000000"),
        ("two thousand and nine", "2009"),
        ("zweitausendneun", "2009"),
        ("twenty twelve", "2012"),
        ("einundsechzig", "61"),
        ("a dozen", "12"),
    ],
)
def test_numbers_are_read_from_words_and_groups(text: str, expected: str) -> None:
    assert read(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "She is one of the first.",
        "They may march on.",
        "He works hard for the cent he gets, m or k.",
    ],
)
def test_what_counts_nothing_is_no_number(text: str) -> None:
    assert not set(read(text)) - {"100"}


@given(st.integers(2, 9), st.integers(1, 9), st.booleans())
def test_two_words_are_one_number(ten: int, one: int, hyphen: bool) -> None:
    text = f"{TENS[ten - 2]}{'-' if hyphen else ' '}{ONES[one - 1]}"
    assert read(text) == [str(10 * ten + one)]


@given(st.integers(2, 10**9))
def test_digits_are_kept_with_and_without_groups(number: int) -> None:
    assert read(f"{number:,} people") == read(f"{number} people") == [str(number)]


@given(st.lists(st.sampled_from(sorted(NUMBERS)) | st.text("0123456789.,' ", max_size=40)))
def test_any_text_is_read(words: list[str]) -> None:
    assert all(each.isdecimal() for each in read(" ".join(words)))


@given(st.text())
def test_any_letters_are_read(text: str) -> None:
    assert all(each.isdecimal() for each in read(text))
