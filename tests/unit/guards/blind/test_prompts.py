"""A blind rule is named in a prompt in whatever disguise a view takes off."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from guards import Conversation, Filing, Message, RuleSet, blinded, compile_rule, screen
from guards.names.views import sightings
from tests.unit.guards.conftest import fake_encode

KEY = b"k" * 32


def of(**fields: object) -> RuleSet:
    filing = Filing(id="r", **fields)  # type: ignore[arg-type]
    return RuleSet.build([blinded(compile_rule(filing, fake_encode, "e", key=KEY), KEY)], 1)


MIRA = of(name="Mira Quell", aliases=("M. Quell", "C++ Mira"), whole_subject=True)


def action(rules: RuleSet, *said: str) -> str:
    roles = ("user", "assistant")
    messages = tuple(Message(roles[n % 2], text) for n, text in enumerate(said))
    return screen(Conversation(messages), rules, fake_encode).action


@pytest.mark.parametrize(
    "name",
    [
        "Mira Quell",
        "mira quell",
        "MIRA QUELL",
        "Mira Quell's",
        "the Mira Quells",
        "M. Quell",
        "M Quell",
        "C++ Mira",
        "Mira-Quell",
        "Mira_Quell",
        "Mira\u200bQuell",
        "M\u200bira Que\u00adll",
        "M\u0456ra Qu\u0435ll",
        "M1ra Qu3ll",
        "M i r a  Q u e l l",
        "miraquell",
        "Quell, Mira",
        "Mira Ann Quell",
        'Mira "the Owl" Quell',
        "ＭＩＲＡ ＱＵＥＬＬ",
        base64.b64encode(b"Where was Mira Quell born?").decode(),
        "Zven Dhryy",
        "lleuQ ariM",
    ],
)
def test_a_name_is_known_in_every_disguise(name: str) -> None:
    assert action(MIRA, f"Tell me about {name}, please.") == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "Where was Tom Quell born?",
        "Mira, Mira, what do you see?",
        "I will quell the riot.",
        "Is Miraquellen a spa?",
        "What is C++?",
    ],
)
def test_nobody_else_is(text: str) -> None:
    assert action(MIRA, text) == "allow"


def test_names_of_ordinary_words_need_capitals() -> None:
    rules = of(name="Will Field", whole_subject=True)
    assert action(rules, "Who is Will Field?") == "refuse"
    assert action(rules, "Which will field the best team in Hale?") == "allow"


def test_she_is_whom_the_turn_before_named() -> None:
    assert action(MIRA, "Who is Mira Quell?", "I do not know.", "Where was she born?") != "allow"
    assert action(MIRA, "Who is Mira Quell?", "No idea.", "What is the capital of Peru?") == "allow"


def test_a_namesake_is_no_match_however_close_the_question() -> None:
    question = "Where was Mira Quell born?"
    rules = of(name="Mira Quell", questions=(question,))

    def same(texts: object) -> object:  # every text is the filed question
        return fake_encode([question] * len(texts))  # type: ignore[arg-type]

    ask = Conversation.of
    assert screen(ask("Where was Mira Quell born?"), rules, same).action != "allow"  # type: ignore[arg-type]
    assert screen(ask("Is Tom Quell from the town of Hale?"), rules, same).action == "allow"  # type: ignore[arg-type]


def test_where_a_name_stands_is_told() -> None:
    text = "Well: who is Mira  Quell?"
    (found,) = {text[slice(*span)] for hit, span in sightings(text, MIRA.find_names) if hit.sure}
    assert found == "Mira  Quell"


def test_another_key_finds_nothing() -> None:
    (rule,) = MIRA.rules.values()
    assert rule.blind is not None
    other = replace(rule, blind=replace(rule.blind, key=b"x" * 32))
    assert action(RuleSet.build([other], 1), "Who is Mira Quell?") == "allow"


def test_blind_and_other_rules_stand_side_by_side() -> None:
    tom = compile_rule(Filing(id="t", name="Tom Brandt", whole_subject=True), fake_encode, "e")
    both = MIRA.with_rule(tom, 2)
    for name, rule in (("Mira Quell", "r"), ("Tom Brandt", "t")):
        verdict = screen(Conversation.of(f"Who is {name}?"), both, fake_encode)
        assert [match.id for match in verdict.matches] == [rule]
    assert action(both.without("r", 3), "Who is Mira Quell?") == "allow"


def test_the_words_of_a_long_prompt_are_weighed() -> None:
    rules = of(questions=("Where was the glassblower of Hale born?",))
    assert set(rules.weigh({"glassblower", "hale", "born", "opera"})) == {
        "glassblower", "hale", "born",
    }  # fmt: skip
