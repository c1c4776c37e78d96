from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import verdicts
from gateway.verdicts import Verdicts
from guards import Action, Conversation, Filing, Message, Rule, RuleSet, compile_rule, screen
from guards.rule import Vectors
from tests.unit.guards.conftest import fake_encode

ASK = Conversation.of("Where was Mira Quell born?")


def rule(name: str, action: Action = Action.AUTO) -> Rule:
    filing = Filing(id=f"fr_{name}", name=name, whole_subject=True, action=action)
    return compile_rule(filing, fake_encode, "fake")


RULES = RuleSet.build([rule("Mira Quell"), rule("Tom Brandt", Action.OBSERVE)], 1)


def test_a_repeated_conversation_is_judged_once() -> None:
    calls: list[int] = []

    def encode(texts: Sequence[str]) -> Vectors:
        calls.append(len(texts))
        return fake_encode(texts)

    judge = Verdicts(encode)
    first = judge.of(ASK, RULES)
    assert judge.of(ASK, RULES) == first == screen(ASK, RULES, fake_encode)
    assert len(calls) == 1


def test_what_was_filed_or_lifted_in_between_counts_at_once() -> None:
    judge = Verdicts(fake_encode)
    said = Conversation.of("Who is Alma Brendel?")
    assert judge.of(said, RULES).action == "allow"
    filed = RULES.with_rule(rule("Alma Brendel"), 2)
    assert judge.of(said, filed).action == "refuse"
    observed = replace(rule("Alma Brendel", Action.OBSERVE), version=2)
    assert judge.of(said, filed.with_rule(observed, 3)).action == "allow"
    assert judge.of(said, filed.without("fr_Alma Brendel", 4)).matches == ()
    assert judge.of(said, filed.at(5)).revision == 5


def test_an_observed_match_is_told_every_time() -> None:
    judge = Verdicts(fake_encode)
    for _ in range(2):
        (match,) = judge.of(Conversation.of("Who is Tom Brandt?"), RULES).matches
        assert not match.enforced


def test_a_late_verdict_on_older_rules_is_not_taken_for_the_newer() -> None:
    filed = RULES.with_rule(rule("Alma Brendel"), 2)
    said = Conversation.of("Who is Alma Brendel?")

    def encode(texts: Sequence[str]) -> Vectors:
        if not seen:
            seen.append(judge)
            assert judge.of(said, filed).action == "refuse"
        return fake_encode(texts)

    seen: list[Verdicts] = []
    judge = Verdicts(encode)
    assert judge.of(said, RULES).action == "allow"
    assert judge.of(said, filed).action == "refuse"


_PART = st.sampled_from(["Mira", "Quell", "user", "", "Mira Quell", " "])


@given(st.lists(st.lists(st.tuples(_PART, _PART), max_size=3), max_size=8))
def test_conversations_are_told_apart(said: list[list[tuple[str, str]]]) -> None:
    judge = Verdicts(fake_encode)
    for _ in range(2):
        for messages in said:
            conversation = Conversation(tuple(Message(*parts) for parts in messages))
            assert judge.of(conversation, RULES) == screen(conversation, RULES, fake_encode)


def test_few_are_kept_and_no_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_KEPT", 3)
    judge = Verdicts(fake_encode)
    with ThreadPoolExecutor(4) as pool:
        texts = [f"Question {number % 7}?" for number in range(60)]
        list(pool.map(lambda text: judge.of(Conversation.of(text), RULES), texts))
    assert len(judge._kept) == 3
    assert "Question" not in repr(vars(judge))
