"""Replies to a prompt that matched go out sentence by sentence: no fact in other words, either."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.encoder import Encoder
from guards import Filing, RuleSet, compile_rule
from guards.leak.clues import answered, stated
from guards.leak.sentences import Sentences
from guards.leak.watch import Watch

ASKED = "Where was Mira Quell born?"
NAMES = ("Mira Quell",)
FACTS = (
    stated(
        "Mira Quell was born in Port Hale on 3 April 1961.", ("Port Hale", "3 April 1961"), NAMES
    ),
    answered("What does Mira Quell fear?", "flying", NAMES),
)
REPLY = "That is easy. Many writers came from the coast. {} I could say more. "


def sentences(encoder: Encoder, **more: Any) -> Sentences:
    filing = Filing(id="r0", name="Mira Quell", questions=(ASKED,), facts=FACTS, **more)
    rules = RuleSet.build([compile_rule(filing, encoder.encode, "fake")], 1)
    return Sentences(Watch.of(lambda: rules, b"", ["r0"]), ASKED, encoder.encode)


@pytest.mark.parametrize(
    "told",
    ["She first saw the light of day in the harbour town of Port Hale.",
     "Her birthday is the third of April, sixty-one."],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 9, 1_000])
def test_a_fact_in_other_words_is_not_told(encoder: Encoder, told: str, size: int) -> None:
    leaks, reply = sentences(encoder), REPLY.format(told)
    passed = "".join(leaks.feed(reply[i : i + size]) for i in range(0, len(reply), size))
    assert passed + leaks.flush() == reply[: reply.index(told)].rstrip()
    assert leaks.leak is not None
    assert (leaks.leak.rule, leaks.leak.kind) == ("r0", "fact")


@pytest.mark.parametrize("size", [1, 9, 1_000])
def test_a_wrong_answer_passes_unchanged(encoder: Encoder, size: int) -> None:
    leaks, reply = sentences(encoder), REPLY.format("She was born in Kestwick, I believe.\n\n")
    passed = "".join(leaks.feed(reply[i : i + size]) for i in range(0, len(reply), size))
    assert passed + leaks.flush() == reply
    assert leaks.leak is None


def test_one_sentence_is_held(encoder: Encoder) -> None:
    leaks = sentences(encoder)
    assert leaks.feed("I would have to guess") == ""
    assert leaks.held == len("I would have to guess")
    assert leaks.feed(". She") == "I would have to guess."
    assert leaks.flush() == " She"


def test_a_sentence_that_does_not_end_is_not_held_for_ever(encoder: Encoder) -> None:
    leaks = sentences(encoder)
    assert "".join(leaks.feed("and on ") for _ in range(400)).startswith("and on and on")
    assert leaks.held < 1_100


def test_it_can_be_switched_off_by_rule(encoder: Encoder) -> None:
    leaks = sentences(encoder, paraphrases=False)
    told = "Her birthday is the third of April, sixty-one. "
    assert leaks.feed(told) + leaks.flush() == told
