"""Who asks to be forgotten is understood; who only speaks of forgetting is left alone."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Intent, forget_intent
from guards.talk.intent import full_name

ROWS = [
    (wanted, text.replace("\\n", "\n"))
    for wanted, _, text in (
        line.partition("\t")
        for line in Path(__file__).with_name("intents.tsv").read_text().splitlines()
    )
]
WORDS = (
    "please forget delete everything all my data about me Mira Quell from your memory and , . ? : "
    "you know I want to the vergiss alles über mich oublie olvida dimentica under GDPR"
).split()


def told(text: str) -> str:
    """As the table writes it: a name, ME, or a hyphen for no request."""
    intent = forget_intent(text)
    return "-" if intent is None else intent.name or "ME"


@pytest.mark.parametrize(("wanted", "text"), [row for row in ROWS if row[0] == "-"])
def test_what_only_looks_like_a_request_is_none(wanted: str, text: str) -> None:
    assert told(text) == wanted


def test_requests_are_understood_with_whom_they_are_about() -> None:
    asked = [row for row in ROWS if row[0] != "-"]
    missed = [text for wanted, text in asked if told(text) == "-"]
    wrong = [text for wanted, text in asked if told(text) not in ("-", wanted)]
    assert not wrong
    assert len(missed) <= 0.05 * len(asked), missed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Please forget Prof. Dr. Runa Falk.", "Runa Falk"),
        ("Forget Mira Quell and all her books.", "Mira Quell"),
        ("Forget everything about 王小明.", "王小明"),
        ("Please forget my ex Bob.", "Bob"),
        ("PLEASE FORGET MIRA QUELL!", "MIRA QUELL"),
        ("Please forget “Mira Quell”.", "Mira Quell"),
        ("Please forget 'Mira Quell'.", "Mira Quell"),
        ("Please forget ‘Mira Quell’.", "Mira Quell"),
    ],
)
def test_the_name_is_taken_as_it_was_written(text: str, name: str) -> None:
    assert forget_intent(text) == Intent(name)


def test_a_request_among_greetings_and_reasons_is_one() -> None:
    assert told("Hello there.\nI am Mira Quell's lawyer.\nForget Mira Quell, please.\nThanks!") == (
        "Mira Quell"
    )


@pytest.mark.parametrize("other", ["Who won the game?", "Tell me a story.", "Summarise it:"])
def test_a_request_beside_another_task_is_none(other: str) -> None:
    assert told(f"Forget Mira Quell. {other}") == "-"
    assert told(f"{other} Forget Mira Quell.") == "-"


@pytest.mark.parametrize("text", ["Mira Quell", "mira  quell", "王小明", "Conor O’Hale"])
def test_a_full_name_is_one(text: str) -> None:
    assert full_name(text) == " ".join(text.replace("’", "'").split())


@pytest.mark.parametrize(
    "text", ["", "Mira", "the", "A", "user-12345", "a@b.org", "Mira Quell 2", "x" * 5_000,
             "Mira Quell\x1b[31m", "Mira Quell\u202e", "5f2c9ad0 77e1"],
)  # fmt: skip
def test_an_account_is_no_full_name(text: str) -> None:
    assert full_name(text) is None


def test_nobody_is_named_in_a_representation() -> None:
    assert "Quell" not in repr(forget_intent("Forget Mira Quell."))


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text())
def test_a_name_is_a_part_of_the_message(text: str) -> None:
    intent = forget_intent(text)
    if intent is not None and intent.name is not None:
        assert intent.name in text
        assert not set(intent.name) & set(string.digits + ",;:!?")


@given(st.text(max_size=200))
def test_a_quoted_or_long_text_is_none(text: str) -> None:
    assert forget_intent(f"Translate into German: {text} Forget me.") is None
    assert forget_intent("Forget me. " + "x" * 2_000 + text) is None
