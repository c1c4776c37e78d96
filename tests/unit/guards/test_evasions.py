"""Writings of a name that a reader, or a model, still reads as the name."""

from __future__ import annotations

import pytest

from guards import Conversation, Filing, RuleError, compile_rule, fold, screen
from guards.rule import Encode
from tests.unit.guards.conftest import Make, no_encode

WHOLE = {"name": "Mira Quell", "aliases": ("A. B. Quell",), "whole_subject": True}
TAGGED = "".join(chr(0xE0000 + ord(c)) for c in "Mira Quell")


@pytest.mark.parametrize(
    "said",
    [
        "Mi\u2065ra Quell",
        "Mi\ufff0ra Quell",
        "Mi\U000e0080ra Quell",
        "Mi\u17b4ra Quell",
        TAGGED,
        "🅼🅸🆁🅰 🆀🆄🅴🅻🅻",
        "🅜🅘🅡🅐 🅠🅤🅔🅛🅛",
        "🄼🄸🅁🄰 🅀🅄🄴🄻🄻",
        "🇲🇮🇷🇦 🇶🇺🇪🇱🇱",
        "Mira_Quell",
        "Mira/Quell",
        "Mira·Quell",
        "Mira + Quell",
        "Mira.Quell",
        "Mira, Quell",
        "Mira…Quell",
        "**Mira** **Quell",
        'Mira "Mimi" Quell',
        "Mira “Mimi” Quell",
        "Mira (Mimi) Quell",
        "Mira 'Mimi' Quell",
        "MiraQuell",
        "#miraquell",
        "A.B. Quell",
        "A B Quell",
        'Mira "the Owl" Quell',
        "Mira (née Anna Hart) Quell",
        "Mira\nQuell",
        "Mira\n\n- Quell",
        "Mira Anna Quell",
        "Quell, Mira",
        "Мира Квелл",
    ],
)
def test_a_name_is_seen_through(said: str, make: Make, encode: Encode) -> None:
    text = f"Where was {said} born, and Mira's brother?"
    verdict = screen(Conversation.of(text), make(**WHOLE), encode)
    assert verdict.action == "refuse"
    assert text[slice(*verdict.matches[0].span)].strip("#*") == said.strip("#*")


@pytest.mark.parametrize(
    "text",
    [
        "Amira/Quell",
        "Mira/Quellington",
        "miraquellington",
        "Mira and Quell",
        "Mira (of) the Quell",
        "Mira Hart and Tom Quell",
        "Mira. Then Tom Quell",
    ],
)
def test_other_words_stay_apart(text: str, make: Make, encode: Encode) -> None:
    assert screen(Conversation.of(text), make(**WHOLE), encode).action == "allow"


def test_possessives_and_symbols_of_filed_strings_still_count(make: Make, encode: Encode) -> None:
    rules = make(forbidden=("Project C++", "O'Brien"))
    for text, action in (
        ("What is Project C++?", "refuse"),
        ("Project C++ is what?", "refuse"),
        ("Project C is what?", "allow"),
        ("Is it O’Brien's?", "refuse"),
        ("O Brien", "allow"),
    ):
        assert screen(Conversation.of(text), rules, encode).action == action


def test_the_fold_keeps_punctuation() -> None:
    assert fold("Mira_Quell/+").text == "mira_quell/+"


@pytest.mark.parametrize("phrase", ["the", "The", "a", "of", "Is", "I", "x", "7", "é.", "Der"])
def test_what_stands_in_every_text_cannot_be_filed(phrase: str) -> None:
    for filing in (
        Filing(id="a", name=phrase, whole_subject=True),
        Filing(id="a", name="Mira Quell", aliases=(phrase,), whole_subject=True),
        Filing(id="a", forbidden=("a secret", phrase)),
    ):
        with pytest.raises(RuleError, match="full name"):
            compile_rule(filing, no_encode, "e")


@pytest.mark.parametrize("phrase", ["The Heron", "Li", "春", "A. B.", "Ann", "가"])
def test_short_names_can(phrase: str, encode: Encode) -> None:
    assert compile_rule(Filing(id="a", name=phrase, whole_subject=True), encode, "e").phrases


def test_texts_stay_out_of_representations(make: Make, encode: Encode) -> None:
    filing = Filing(
        id="a", name="Mira", aliases=("Mira Q",), description="Mira", questions=("Mira?",),
        passages=("Mira",), statements=("Mira",), forbidden=("Mira",), retain=("Mira",),
        whole_subject=True,
    )  # fmt: skip
    rules = make(**WHOLE)
    conversation = Conversation.of("Mira")
    for thing in (
        filing, compile_rule(filing, encode, "e"), rules, rules.segments[0], conversation,
        conversation.messages[0],
    ):  # fmt: skip
        assert "mira" not in repr(thing).lower()
