"""Prompts of any size: cost in time and memory, and what padding cannot hide."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import (
    Conversation,
    Filing,
    Message,
    RuleSet,
    compile_rule,
    dump_rule,
    load_rule,
    screen,
)
from guards.evidence import _PLACES
from guards.names.views import _PIECE, sightings
from guards.rule import Encode
from guards.text.choose import MAX_WINDOWS, windows
from guards.text.words import words_of
from tests.unit.guards.conftest import Make, fake_encode

QUESTION = "Which treaty ended the war of the two harbours?"
WHOLE = {"name": "Mira Quell", "whole_subject": True}


def seconds(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def filler(count: int, start: int = 0) -> str:
    return " ".join(f"How many boats sailed in the year {start + i}?" for i in range(count))


@pytest.mark.parametrize("count", [150, 3_000, 30_000])
def test_padding_does_not_push_a_filed_question_out(count: int, make: Make, encode: Encode) -> None:
    rules = make(questions=(QUESTION,))
    text = f"{filler(count)} {QUESTION} {filler(count, 50_000)}"
    verdict = screen(Conversation.of(text), rules, encode)
    assert verdict.action == "refuse"
    assert text[slice(*verdict.matches[0].span)] == QUESTION


def test_padding_in_messages_does_not_either(make: Make, encode: Encode) -> None:
    rules = make(questions=(QUESTION,))
    rows = [Message("tool", f"The boat of row {i} is in.") for i in range(400)]
    messages = (Message("user", "Hello."), *rows, Message("tool", QUESTION), *rows)
    verdict = screen(Conversation(messages), rules, encode)
    assert [(m.message, m.span) for m in verdict.matches] == [(401, (0, len(QUESTION)))]


def test_a_rule_knows_its_words(encode: Encode) -> None:
    rule = compile_rule(Filing(id="a", questions=(QUESTION,)), encode, "e")
    assert rule.words == ("treaty", "ended", "two", "harbours")
    assert load_rule(dump_rule(rule)).words == rule.words


def test_rare_words_weigh_more(encode: Encode) -> None:
    filed = ("Where was Ann born?", "Where was Tom born?")
    rules = RuleSet.build(
        [compile_rule(Filing(id=text, questions=(text,)), encode, "e") for text in filed], 1
    )
    assert rules.weigh(words_of("where was ann born")) == {"ann": 1.0, "born": 0.5}


def test_windows_of_a_very_long_text_are_sentences_of_it() -> None:
    text = filler(20_000)
    spans = windows(text)
    assert len(spans) == MAX_WINDOWS
    assert all(0 <= a < b <= len(text) for a, b in spans)


@pytest.mark.parametrize(
    "pattern",
    ["Mira Quell is here. ", "a? ", "a", "!", "Mira ", "\n", "x. Mira_", "\ufdfa", "\u200b"],
)
def test_time_is_linear(pattern: str, make: Make, encode: Encode) -> None:
    rules = make(**WHOLE, questions=(QUESTION,))
    text = pattern * (400_000 // len(pattern))
    assert seconds(lambda: screen(Conversation.of(text), rules, encode)) < 3


def test_memory_is_bounded(make: Make, encode: Encode) -> None:
    rules = make(**WHOLE, questions=(QUESTION,))
    text = "\ufdfa" * 70_000
    tracemalloc.start()
    screen(Conversation.of(text), rules, encode)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize(
    "between", [" ", "\u200b" * 9 + " ", "\u200b" * 2 * _PIECE, "." * 2 * _PIECE]
)
@pytest.mark.parametrize("cut", range(-6, 7, 3))
def test_a_name_is_found_where_a_long_text_is_cut(between: str, cut: int, make: Make) -> None:
    rules = make(**WHOLE)
    joined = "Mira" + between + "Quell" if between.strip("\u200b") else "Mira " + between + "Quell"
    text = "x" * (_PIECE + cut - 5) + " " + joined + " " + "y" * 100
    found = {text[slice(*span)] for hit, span in sightings(text, rules.find_names) if hit.sure}
    assert found == {joined}


@pytest.mark.parametrize("cut", range(-12, 4))
def test_a_part_of_a_word_is_no_name_where_a_long_text_is_cut(cut: int, make: Make) -> None:
    rules = make(**WHOLE)
    text = "x" * (_PIECE + cut) + " Mira Quellington amira quell " + "y" * _PIECE
    assert not list(sightings(text, rules.find_names))


def test_a_name_said_very_often_leaves_nothing_clear(make: Make, encode: Encode) -> None:
    rules = make(**WHOLE)
    often = "Mira Quell is here. " * (_PLACES + 10) + "The sea is calm."
    assert screen(Conversation.of(often), rules, encode).spans_clear == ()
    seldom = "Mira Quell is here. " * 20 + "The sea is calm."
    (clear,) = screen(Conversation.of(seldom), rules, encode).spans_clear
    assert seldom[slice(*clear)] == "The sea is calm."


ROLES = st.sampled_from(["user", "assistant", "system", "developer", "tool"])
PIECES = st.lists(
    st.sampled_from(["Mira", "Quell", QUESTION, " ", "\n", "she", "\u200b", "?", ".", "_", "ﷺ"])
    | st.text(max_size=3),
    max_size=8,
).map("".join)


@given(st.lists(st.builds(Message, ROLES, PIECES), max_size=6))
def test_matches_stand_in_the_messages(messages: list[Message]) -> None:
    filing = Filing(id="a", name="Mira Quell", whole_subject=True, questions=(QUESTION,))
    rules = RuleSet.build([compile_rule(filing, fake_encode, "e")], 1)
    verdict = screen(Conversation(tuple(messages)), rules, fake_encode)
    for match in verdict.matches:
        start, end = match.span
        assert 0 <= start <= end <= len(messages[match.message].text)
    assert (verdict.action == "allow") == (not verdict.matches)
