from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guards import Filing, Rule, RuleError, RuleSet, compile_rule, stands_alone
from guards.meaning.similarity import Similarity
from guards.names.phrases import name_view
from tests.unit.guards.conftest import DIMENSION, fake_encode

WORDS = ["mira", "quell", "ann", "annual", "tom", "ab", "b b", "quells"]


def rule(number: int, phrases: tuple[str, ...], texts: tuple[str, ...] = ()) -> Rule:
    filing = Filing(id=f"fr_{number}", forbidden=phrases, questions=texts)
    return compile_rule(filing, fake_encode, "fake")


PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple)
STEPS = st.lists(st.tuples(st.booleans(), st.integers(0, 12), PHRASES), max_size=40)


@settings(deadline=None)
@given(STEPS, st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join))
def test_any_history_of_changes_finds_what_brute_force_finds(
    steps: list[tuple[bool, int, tuple[str, ...]]], text: str
) -> None:
    rules = RuleSet.empty()
    expected: dict[str, Rule] = {}
    for revision, (add, number, phrases) in enumerate(steps, 1):
        if add:
            one = rule(number, phrases, (phrases[0],))
            rules = rules.with_rule(one, revision)
            expected[one.id] = one
        else:
            rules = rules.without(f"fr_{number}", revision)
            expected.pop(f"fr_{number}", None)
        assert rules.revision == revision
    assert dict(rules.rules) == expected
    built = RuleSet.build(expected.values(), 99)
    words = fake_encode([*WORDS])
    for found in (rules, built):
        hits = {(hit.rule.id, text[hit.start : hit.end]) for hit in found.find_names(text)}
        assert hits == {
            (r.id, text[s : s + len(p)])
            for r in expected.values()
            for p in r.phrases
            for s in range(len(text))
            if text.startswith(p, s) and stands_alone(text, s, s + len(p))
        }
        close = {(r.id, window) for r, window, _ in found.find_asked(words)}
        assert close == {
            (r.id, window)
            for r in expected.values()
            for window in range(len(words))
            if (r.asked @ words[window]).max() >= found.thresholds.asked
        }


def test_a_snapshot_outlives_its_successors() -> None:
    before = RuleSet.empty().with_rule(rule(1, ("mira",)), 1)
    after = before.without("fr_1", 2).with_rule(rule(2, ("tom",)), 3)
    assert [h.rule.id for h in before.find_names("mira tom")] == ["fr_1"]
    assert [h.rule.id for h in after.find_names("mira tom")] == ["fr_2"]
    assert before.at(7).rules is before.rules


def test_a_new_version_replaces_the_old_one() -> None:
    old = rule(1, ("mira",))
    new = replace(rule(1, ("tom",)), version=2)
    rules = RuleSet.empty().with_rule(old, 1).with_rule(new, 2)
    assert [h.rule.version for h in rules.find_names("mira tom")] == [2]


def test_segments_stay_few() -> None:
    rules = RuleSet.empty()
    for number in range(100):
        rules = rules.with_rule(rule(number, (f"name{number}",)), number + 1)
    assert len(rules.segments) <= 7
    assert len(rules.rules) == 100


def test_taken_out_rules_do_not_pile_up() -> None:
    rules = RuleSet.build([rule(n, (f"name{n}",)) for n in range(20)], 1)
    for number in range(18):
        rules = rules.without(f"fr_{number}", number + 2)
    assert sum(len(segment.rules) for segment in rules.segments) <= 4


def test_embeddings_of_another_dimension_are_refused() -> None:
    rules = RuleSet.empty().with_rule(rule(1, (), ("q",)), 1)
    other = np.ones((1, DIMENSION + 1), np.float32)
    with pytest.raises(RuleError, match="dimensions"):
        rules.with_rule(replace(rule(2, ("xy",)), asked=other, about=other, retain=other), 2)


@pytest.mark.parametrize("count", [1, 40, 600])
def test_small_and_large_indexes_agree_with_a_matrix_product(count: int) -> None:
    rules = [rule(n, (), tuple(f"text {n} {k}" for k in range(1 + n % 3))) for n in range(count)]
    windows = fake_encode([f"window {n}" for n in range(4)])
    found = {(n, w): c for n, w, c in Similarity([r.asked for r in rules]).find(windows, 0.3)}
    expected = {
        (n, w): float(best)
        for n, r in enumerate(rules)
        for w, best in enumerate((windows @ r.asked.T).max(axis=1))
        if best >= 0.3
    }
    assert found.keys() == expected.keys()
    assert all(abs(found[key] - expected[key]) < 1e-5 for key in found)


def test_dots_after_initials_do_not_matter() -> None:
    rules = RuleSet.build([rule(1, ("M. Quell",))], 1)
    for text in ("M. Quell", "M.Quell", "M Quell", "by m.  quell."):
        view = name_view(text)
        assert [view.span(h.start, h.end) for h in rules.find_names(view.text)]
