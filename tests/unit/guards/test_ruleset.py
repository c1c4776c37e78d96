from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Filing, Rule, RuleError, RuleSet, Thresholds, compile_rule, stands_alone
from guards.names.views import name_view
from tests.unit.guards.conftest import DIMENSION, fake_encode

WORDS = ["mira", "quell", "ann", "annual", "tom", "ab", "b b", "quells"]
SMALL = 32
"""Rules of a segment that is merged on the spot."""


def rule(number: int, phrases: tuple[str, ...], texts: tuple[str, ...] = ()) -> Rule:
    filing = Filing(id=f"fr_{number}", forbidden=phrases, questions=texts)
    return compile_rule(filing, fake_encode, "fake")


def named(rules: RuleSet, text: str) -> set[tuple[str, str]]:
    """The rules that a text names, each with the words that did."""
    return {(h.rule.id, text[h.start : h.end]) for h in rules.find_names(name_view(text), text)}


def compacted(rules: RuleSet) -> RuleSet:
    while (compaction := rules.compacted()) is not None:
        rules = rules.with_compacted(compaction)
    return rules


def assert_finds(rules: RuleSet, expected: dict[str, Rule], text: str) -> None:
    """That the rules find in a text, and near the words, what brute force finds."""
    assert dict(rules.rules) == expected
    assert named(rules, text) == {
        (r.id, text[s : s + len(p)])
        for r in expected.values()
        for p in r.phrases
        for s in range(len(text))
        if text.startswith(p, s) and stands_alone(text, s, s + len(p))
    }
    words = fake_encode(WORDS)
    assert sorted((r.id, window) for r, window, _ in rules.find_asked(words)) == sorted(
        (r.id, window)
        for r in expected.values()
        for window in range(len(words))
        if (r.asked @ words[window]).max() >= rules.thresholds.asked
    )


PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple)
CHANGE = st.tuples(st.sampled_from(["add", "add", "add", "remove"]), st.integers(0, 12), PHRASES)
MERGE = st.tuples(st.sampled_from(["begin", "end"]), st.just(0), st.just(()))


@given(
    st.lists(CHANGE | MERGE, max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    st.sampled_from([1, 2, SMALL]),
)
def test_any_history_of_changes_finds_what_brute_force_finds(
    steps: list[tuple[str, int, tuple[str, ...]]], text: str, small: int
) -> None:
    rules = RuleSet.empty()
    expected: dict[str, Rule] = {}
    merging = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("guards.ruleset._SMALL", small)
        for revision, (step, number, phrases) in enumerate(steps, 1):
            if step == "add":
                one = rule(number, phrases, (phrases[0],))
                rules = rules.with_rule(one, revision)
                expected[one.id] = one
            elif step == "remove":
                rules = rules.without(f"fr_{number}", revision)
                expected.pop(f"fr_{number}", None)
            elif step == "begin":
                merging = rules.compacted()
            elif merging is not None:  # what was merged meanwhile, or long ago, or before
                rules = rules.with_compacted(merging)
            assert_finds(rules, expected, text)
        assert_finds(compacted(rules), expected, text)
        assert_finds(RuleSet.build(expected.values(), 99), expected, text)


def test_a_revision_is_that_of_the_last_change() -> None:
    rules = RuleSet.empty().with_rule(rule(1, ("mira",)), 4)
    assert (rules.revision, rules.without("fr_1", 5).revision, rules.at(7).revision) == (4, 5, 7)
    assert rules.without("fr_9", 6).rules is rules.at(6).rules is rules.rules


def test_a_snapshot_outlives_its_successors() -> None:
    before = RuleSet.empty().with_rule(rule(1, ("mira",)), 1)
    after = before.without("fr_1", 2).with_rule(rule(2, ("tom",)), 3)
    assert named(before, "mira tom") == {("fr_1", "mira")}
    assert named(after, "mira tom") == {("fr_2", "tom")}


def test_a_new_version_replaces_the_old_one() -> None:
    old = rule(1, ("mira",))
    new = replace(rule(1, ("tom",)), version=2)
    rules = RuleSet.empty().with_rule(old, 1).with_rule(new, 2)
    assert named(rules, "mira tom") == {("fr_1", "tom")}


def test_thresholds_are_those_of_the_set() -> None:
    asked = rule(1, (), ("Where was she born?",))
    near = fake_encode(["Where was she born?"]) * np.float32(0.6)
    rules = RuleSet.build([asked], 1)
    assert not list(rules.find_asked(near))
    lower = rules.with_thresholds(Thresholds(asked=0.5, about=0.5))
    ((found, window, cosine),) = lower.find_asked(near)
    assert (found, window) == (asked, 0)
    assert cosine == pytest.approx(0.6, abs=1e-3)


def test_adding_touches_few_rules_and_segments_stay_few() -> None:
    rules = RuleSet.build([rule(n, (f"first{n}",)) for n in range(200)], 1)
    (base,) = rules.segments
    for number in range(300):
        rules = rules.with_rule(rule(number + 200, (f"name{number}",)), number + 2)
        fresh = rules.segments[-1]
        assert len(fresh.rules) <= 2 * SMALL
        assert base in rules.segments
    assert len(compacted(rules).segments) <= 7
    assert len(rules.rules) == 500


def test_what_was_merged_meanwhile_counts_for_newer_sets() -> None:
    rules = RuleSet.build([rule(n, (f"first{n}",)) for n in range(50)], 1)
    for number in range(50, 150):
        rules = rules.with_rule(rule(number, (f"name{number}",)), number)
    merging = rules.compacted()
    newer = rules.with_rule(replace(rule(7, ("tom",)), version=2), 200)
    newer = newer.without("fr_60", 201).with_rule(rule(999, ("late",)), 202)
    assert merging is not None
    rebased = newer.with_compacted(merging)
    assert rebased.revision == 202
    assert rebased.rules is newer.rules
    assert len(rebased.segments) < len(newer.segments)
    text = "first6 first7 tom name60 name61 late"
    assert {said for _, said in named(rebased, text)} == {"first6", "tom", "name61", "late"}
    assert rebased.with_compacted(merging) is rebased  # a second time changes nothing


def test_taken_out_rules_do_not_pile_up() -> None:
    rules = RuleSet.build([rule(n, (f"name{n}",)) for n in range(200)], 1)
    for number in range(180):
        rules = rules.without(f"fr_{number}", number + 2)
    assert sum(len(segment.rules) for segment in compacted(rules).segments) == 20
    for number in range(180, 200):
        rules = rules.without(f"fr_{number}", number + 2)
    assert compacted(rules).segments == ()


def test_embeddings_of_another_dimension_are_refused() -> None:
    rules = RuleSet.empty().with_rule(rule(1, (), ("q",)), 1)
    other = np.ones((1, DIMENSION + 1), np.float16)
    with pytest.raises(RuleError, match="dimensions"):
        rules.with_rule(replace(rule(2, ("xy",)), asked=other, about=other, retain=other), 2)


def test_dots_after_initials_do_not_matter() -> None:
    rules = RuleSet.build([rule(1, ("M. Quell",))], 1)
    for text in ("M. Quell", "M.Quell", "M Quell", "by m.  quell."):
        view = name_view(text)
        assert [view.span(h.start, h.end) for h in rules.find_names(view, text)]
