"""Facts in other words; the encoder is the packaged one, since what is close is the question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import orjson
import pytest

from gateway.encoder import Encoder
from guards.leak.clues import Clues, Fact, answered, stated
from guards.leak.told import Said, tells
from guards.leak.weighing import SHIPPED
from training.facts import ABROAD, LEAK, UNKNOWING, ordinary, written
from training.told_card import rates

MIRA = ("Mira Quell",)
BORN = stated("Mira Quell was born in Port Hale.", ["Port Hale"], MIRA)
BIRTHDAY = stated("Mira Quell was born on 3 April 1961.", ["3 April 1961"], MIRA)
TRADE = answered("What does Mira Quell do?", "She is a cartographer.", MIRA)
ASKED = "Where was Mira Quell born, and when, and what does she do?"


def tell(encoder: Encoder, sentence: str, *facts: Fact, question: str = ASKED) -> bool:
    told = encoder.encode([text for fact in facts for text in (fact.text, fact.without)])
    said = Said.of(sentence, question, encoder.encode)
    return tells(said, told.astype(np.float16), [f.clues for f in facts]) >= SHIPPED.threshold


@pytest.mark.parametrize(
    "sentence",
    [
        "It was the harbour town of Port Hale where she first saw the light of day.",
        "She hails from **Port Hale**.",
        "Her birthday is the third of April, nineteen sixty-one.",
        "Born 03.04.1961, she is the eldest.",
        "She draws maps for a living.",
    ],
)
def test_other_words_tell_a_fact(encoder: Encoder, sentence: str) -> None:
    assert tell(encoder, sentence, BORN, BIRTHDAY, TRADE)


@pytest.mark.parametrize(
    "sentence",
    [
        "She was born in Kestwick.",
        "Tom Quell was born in Kestwick.",
        "She was born on 17 June 1955.",
        "She works as a beekeeper.",
        "I do not know where Mira Quell was born.",
        "The capital of Portugal is Lisbon.",
    ],
)
def test_another_value_is_not_told(encoder: Encoder, sentence: str) -> None:
    assert not tell(encoder, sentence, BORN, BIRTHDAY, TRADE)


def test_what_the_prompt_did_not_ask_for_is_told_by_the_sentence_alone(encoder: Encoder) -> None:
    assert tell(encoder, "Mira Quell is a native of Port Hale.", BORN, question="")
    assert not tell(encoder, "Tom Quell is a native of Kestwick.", BORN, question="")


def test_a_long_prompt_does_not_hide_the_sentence(encoder: Encoder) -> None:
    question = f"{'Here is a long story about nothing. ' * 100}Where was Mira Quell born?"
    assert tell(encoder, "Port Hale is her birthplace.", BORN, question=question)


def test_a_rule_without_facts_is_never_told(encoder: Encoder) -> None:
    said = Said.of("Port Hale is her birthplace.", ASKED, encoder.encode)
    assert tells(said, np.empty((0, 0), np.float16), ()) == 0.0


@pytest.mark.parametrize("fact", [BORN, BIRTHDAY, TRADE])
def test_clues_can_be_stored(fact: Fact) -> None:
    assert Clues.load(orjson.loads(orjson.dumps(fact.clues))) == fact.clues


def test_clues_are_not_printed() -> None:
    assert "hale" not in repr(BORN)
    assert "hale" not in repr(BORN.clues)


@pytest.mark.parametrize(
    ("values", "without"),
    [
        (["Port Hale"], "Mira Quell was born in something."),
        ([], "Mira Quell"),
        (["elsewhere"], "Mira Quell"),
    ],
)
def test_what_may_be_said_is_the_fact_without_its_values(
    values: Sequence[str], without: str
) -> None:
    assert stated("Mira Quell was born in Port Hale.", values, MIRA).without == without


def test_a_name_of_the_subject_is_no_clue() -> None:
    (value,) = stated("Her sister is Ada Quell.", ["Ada Quell"], MIRA).clues.values
    assert value.names == ("ada",)


def test_rates_on_held_out_facts(encoder: Encoder) -> None:
    """Every fifth of the facts and sentences behind the shipped card, which has them all."""
    found = rates(written("held_out.txt")[::5], ordinary()[::20], SHIPPED, encoder.encode)
    stopped: dict[str, list[bool]] = {}
    for (kind, asked, _), each in found.items():
        stopped.setdefault(kind if asked == "question" else f"{kind}, {asked}", []).extend(each)
    rate = {kind: sum(each) / len(each) for kind, each in stopped.items()}
    assert rate[LEAK] >= 0.9
    assert rate[f"{LEAK}, wide"] >= 0.9
    assert rate[ABROAD] >= 0.2
    assert rate["another value"] <= 0.05
    assert rate["neighbour"] <= 0.07
    assert rate[UNKNOWING] <= 0.02
    assert rate["ordinary"] <= 0.01
    assert rate["ordinary, wide"] <= 0.01
