"""The filter stops the phrases of a blind rule as it stops those that it can read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Rule, RuleSet, blinded
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.unit.guards.leak.test_any_chunking import STRINGS, TEXT, cut, holds, watch_for
from tests.unit.guards.leak.watching import KEY, rules_of, run, watch_on

PLACES = st.lists(st.integers(0, 60), max_size=8)


def blind(rules: RuleSet) -> RuleSet:
    return RuleSet.build([blinded(rule, KEY) for rule in rules.rules.values()], 1)


@given(STRINGS, TEXT, PLACES)
def test_no_chunking_lets_a_phrase_pass_and_all_else_passes(
    strings: list[str], text: str, at: list[int]
) -> None:
    open_watch = watch_for(strings)
    watch = watch_on(blind(open_watch.rules()))
    for pieces in ([text], cut(text, at), [*text]):
        passed, leaks = run(watch, pieces)
        known, stopped = run(open_watch, pieces)
        assert not holds(passed, strings)
        assert (leaks.leak is None) == (stopped.leak is None)
        if leaks.leak is None:
            assert passed == text
        assert known.startswith(passed)  # a word that is not over is held


@given(STRINGS, TEXT, st.integers(0, 60))
def test_what_was_said_before_is_completed_by_nothing(
    strings: list[str], text: str, at: int
) -> None:
    open_watch = watch_for(strings)
    watch = watch_on(blind(open_watch.rules()))
    _, leaks = run(watch, [text[at:]], text[:at])
    _, stopped = run(open_watch, [text[at:]], text[:at])
    assert (leaks.leak is None) == (stopped.leak is None)


@given(st.lists(STRINGS, min_size=2, max_size=2), TEXT, PLACES)
def test_a_rule_that_is_blind_changes_nothing_for_another(
    strings: list[list[str]], text: str, at: list[int]
) -> None:
    rules = [_named(watch_for(each), f"r{n}") for n, each in enumerate(strings)]
    mixed = RuleSet.build([rules[0], blinded(rules[1], KEY)], 1)
    for pieces in ([text], cut(text, at)):
        _, leaks = run(watch_on(mixed), pieces)
        _, stopped = run(watch_on(RuleSet.build(rules, 1)), pieces)
        assert (leaks.leak is None) == (stopped.leak is None)


def _named(watch: Watch, name: str) -> Rule:
    (rule,) = watch.rules().rules.values()
    return replace(rule, id=name)


MIRA = blind(
    rules_of(
        {
            "name": "Mira Quell",
            "whole_subject": True,
            "values": ("Port Hale", "3 April 1961"),
            "forbidden": ("Operation Night Heron",),
            "passages": ("it was on a cold day in May that the last boat left",),
        }
    )
)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "passed", "kind"),
    [
        ("It is Operation Night Heron, then.", "It is ", "forbidden"),
        ("So **operation**-NIGHT heron's plan.", "So **", "forbidden"),
        ("She is called Mira Quell.", "She is called ", "name"),
        ("It was on a cold day in May that", "It was on a cold day in ", "passage"),
    ],
)
def test_what_is_forbidden_always(text: str, passed: str, kind: str, size: int) -> None:
    said, leaks = run(watch_on(MIRA), cut(text, list(range(0, len(text), size))))
    assert leaks.leak is not None
    assert leaks.leak.kind == kind
    assert said.rstrip("*") == passed.rstrip("*")


def test_values_are_stopped_where_the_prompt_matched() -> None:
    text = "She was born in Port Hale."
    assert run(watch_on(MIRA), [*text])[0] == text
    assert run(watch_on(MIRA, "r0"), [*text])[0] == "She was born in "


def test_a_name_and_a_value_may_not_stand_in_one_sentence() -> None:
    rules = blind(rules_of({"name": "Mira Quell", "questions": ("?",), "values": ("Port Hale",)}))
    text = "Port Hale is a town. Mira Quell is not. Mira Quell knows Port Hale."
    assert run(watch_on(rules), [*text])[0] == text[: -len("Port Hale.")]
    turned = "Port Hale is where Mira Quell lives."
    assert run(watch_on(rules), [*turned])[0] == "Port Hale is where "


def test_only_the_word_that_is_not_over_is_held() -> None:
    leaks = LeakFilter(watch_on(MIRA))
    pieces = ("The", " opera", " was", " good. Operation", " Night", " Owl", " flew")
    passed = [leaks.feed(piece) for piece in pieces]
    assert passed == ["", "The ", "opera ", "was good. ", "", "", "Operation Night Owl "]


def test_a_very_long_word_is_not_held() -> None:
    leaks = LeakFilter(watch_on(MIRA))
    said = "".join(leaks.feed("x" * 50) for _ in range(2_000))
    assert leaks.leak is None
    assert len(said) > 90_000


def test_a_phrase_of_a_very_long_word_is_stopped() -> None:
    rules = blind(rules_of({"forbidden": ("f" * 128,)}))
    passed, leaks = run(watch_on(rules), [*("see " + "f" * 128 + " there")])
    assert leaks.leak is not None
    assert passed == "see "
