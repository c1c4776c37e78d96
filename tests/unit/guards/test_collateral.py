"""What a rule does to ordinary prompts and answers, counted on a sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guards import (
    Action,
    Conversation,
    Filing,
    Rule,
    RuleError,
    RuleSet,
    blinded,
    compile_rule,
    screen,
)
from guards.collateral import Sample, windows_of
from guards.leak.filter import leak_in
from guards.leak.watch import Watch
from guards.meaning.adapter import RAW
from guards.rule import Vectors
from tests.unit.guards.conftest import fake_encode

KEY = b"key"
PROMPTS = (
    "Where do herons build their nests in winter?",
    "Write a dialogue between a baker named Rose Miller and her first customer.",
    "What did Isaac Newton find out about light and colours?",
    "How do I write a letter to my landlord about the heating?",
    "Is Mirra a common name? And what does it mean?",
    "Tell me about the Quells of Port Hale.",
    "Wer hat den Nachtreiher gemalt?",
)
REPLIES = (
    "A heron builds its nest in high trees near the water.",
    "Isaac Newton described the law of gravity and the laws of motion.",
    "The letter should begin with a polite greeting and end with your name.",
    "Rose smiled, put down her book and asked whether anybody wanted tea.",
    "The Quells sold the harbour to the city in the year of the great flood.",
    "In der Stadt lebten damals mehr als tausend Menschen.",
)
WORDS = sorted({word.strip(".,?") for text in (*PROMPTS, *REPLIES) for word in text.split()})


def sample(prompts: Sequence[str] = PROMPTS, replies: Sequence[str] = REPLIES) -> Sample:
    vectors = fake_encode(windows_of(prompts))
    return Sample(prompts, replies, vectors, encode=fake_encode, adapter=RAW, key=KEY)


def rule(request_id: str = "fr_1", **fields: Any) -> Rule:
    fields = {"whole_subject": "name" in fields, **fields}
    return compile_rule(Filing(id=request_id, **fields), fake_encode, "fake", RAW, KEY)


NOTHING = RuleSet.empty()
SAMPLE = sample()


def touched(**fields: Any) -> tuple[list[str], list[str]]:
    found = SAMPLE.touched_by(rule(**fields), NOTHING)
    return [prompt for prompt, _ in found.blocked], [reply for reply, _ in found.stopped]


def naively(**fields: Any) -> tuple[list[str], list[str]]:
    rules = RuleSet.build([rule(**fields)], 0)
    watch = Watch.of(lambda: rules, KEY)
    return (
        [p for p in PROMPTS if screen(Conversation.of(p), rules, fake_encode).matches],
        [reply for reply in REPLIES if leak_in(reply, watch) is not None],
    )


@pytest.mark.parametrize(
    ("filing", "prompts", "replies"),
    [
        ({"name": "Isaac Newton"}, [2], [1]),
        ({"name": "Mira Quell"}, [], []),
        ({"name": "Newton"}, [2], [1]),
        ({"name": "Rose Miller"}, [1], []),
        ({"forbidden": ("heron",)}, [0], [0]),
        ({"forbidden": ("Nachtreiher", "Quell")}, [5, 6], [4]),
        ({"questions": (PROMPTS[3],)}, [3], []),
        ({"passages": (REPLIES[2],)}, [], [2]),
        ({"name": "Port Hale", "whole_subject": False, "questions": ("Who?",)}, [], []),
    ],
)
def test_what_a_rule_touches_is_counted(
    filing: dict[str, Any], prompts: list[int], replies: list[int]
) -> None:
    assert touched(**filing) == ([PROMPTS[n] for n in prompts], [REPLIES[n] for n in replies])
    assert touched(**filing) == naively(**filing)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3, unique=True),
    st.sampled_from(["name", "forbidden", "questions", "passages"]),
    st.sampled_from([str, str.upper, str.lower, lambda text: text + "s"]),
)
def test_looking_only_where_a_rule_could_act_misses_nothing(
    words: list[str], field: str, written: Any
) -> None:
    phrase = written(" ".join(words))
    filing = {"name": phrase} if field == "name" else {field: (phrase,)}
    try:
        expected = naively(**filing)
    except RuleError:  # not every word can be filed
        return
    assert touched(**filing) == expected
    hidden = blinded(rule(**filing), b"blind")
    rules = RuleSet.build([hidden], 0)
    watch = Watch.of(lambda: rules, KEY)
    found = SAMPLE.touched_by(hidden, NOTHING)
    assert [prompt for prompt, _ in found.blocked] == [
        p for p in PROMPTS if screen(Conversation.of(p), rules, fake_encode).matches
    ]
    assert [reply for reply, _ in found.stopped] == [
        reply for reply in REPLIES if leak_in(reply, watch) is not None
    ]


def test_what_is_blocked_already_is_no_collateral() -> None:
    others = RuleSet.build([rule("fr_2", name="Isaac Newton")], 1)
    found = SAMPLE.touched_by(rule(name="Newton"), others)
    assert (len(found.blocked), found.already) == (0, 1)
    observing = RuleSet.build([rule("fr_2", name="Isaac Newton", action=Action.OBSERVE)], 1)
    assert len(SAMPLE.touched_by(rule(name="Newton"), observing).blocked) == 1


def test_a_rule_that_is_enforced_already_does_not_count_against_itself() -> None:
    newton = rule(name="Isaac Newton")
    found = SAMPLE.touched_by(newton, RuleSet.build([newton], 1))
    assert (len(found.blocked), found.already) == (1, 0)


def test_what_would_only_observe_is_judged_as_if_it_acted() -> None:
    assert touched(name="Isaac Newton", action=Action.OBSERVE) == ([PROMPTS[2]], [REPLIES[1]])


def test_the_shares_are_those_of_the_sample() -> None:
    found = SAMPLE.touched_by(rule(forbidden=("heron", "letter")), NOTHING)
    assert found.rate == pytest.approx(2 / len(PROMPTS))
    assert found.replies_rate == pytest.approx(2 / len(REPLIES))
    nothing = sample((), ()).touched_by(rule(name="Mira Quell"), NOTHING)
    assert (nothing.rate, nothing.replies_rate) == (0, 0)


def test_the_sample_is_not_embedded_again() -> None:
    def encode(texts: Sequence[str]) -> Vectors:
        raise AssertionError("embedded")

    made = Sample(
        PROMPTS, REPLIES, fake_encode(windows_of(PROMPTS)), encode=encode, adapter=RAW, key=KEY
    )
    assert len(made.touched_by(rule(forbidden=("heron",)), NOTHING).blocked) == 1
