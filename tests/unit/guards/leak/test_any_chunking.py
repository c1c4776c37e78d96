"""For random forbidden strings, texts and chunkings: what passes holds none, and else is all."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from folding import fold, stands_alone
from guards import RuleSet
from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch
from tests.unit.guards.leak.watching import KEY, rules_of, run, watch_on

# Few letters, so that strings begin, break off and overlap; those that the fold is about.
LETTERS = st.sampled_from("abAsé аß字é\u0301\u200b -_*#.,'\n&0")
STRING = st.text(LETTERS, min_size=1, max_size=8).filter(
    lambda text: any(c.isalnum() for c in fold(text).text)
)
STRINGS = st.lists(STRING, min_size=1, max_size=6, unique=True)
WORDS = st.sampled_from(["ab", "ba ", "a b", " b-a", "s ", "字", "'s "])
TEXT = st.text(LETTERS, max_size=60) | st.lists(WORDS, max_size=20).map("".join)


def cut(text: str, at: list[int]) -> list[str]:
    places = sorted({min(n, len(text)) for n in at} | {0, len(text)})
    return [text[a:b] for a, b in pairwise(places)]


def holds(text: str, strings: list[str]) -> bool:
    """Whether a text holds one of the strings by the fold and the boundary rule alone."""
    said = fold(text).text
    for string in strings:
        phrase = fold(string).text.strip()
        at = said.find(phrase)
        while at >= 0:
            if stands_alone(said, at, at + len(phrase)):
                return True
            at = said.find(phrase, at + 1)
    return False


def watch_for(strings: list[str]) -> Watch:
    """Strings that no filing would be taken with, too: single letters, words of grammar."""
    (rule,) = rules_of({"questions": ("?",)}).rules.values()
    phrases = (fold(string).text.strip() for string in strings)
    return watch_on(RuleSet.build([replace(rule, phrases=tuple(phrases))], 1))


@given(STRINGS, TEXT, st.lists(st.integers(0, 60), max_size=8))
def test_nothing_forbidden_passes_and_else_everything_does(
    strings: list[str], text: str, at: list[int]
) -> None:
    passed, leaks = run(watch_for(strings), cut(text, at))
    assert not holds(passed, strings)
    assert text.startswith(passed)
    if leaks.leak is None:
        assert passed == text
    elif not any(mark in text + "".join(strings) for mark in "*_"):  # read as nothing, or a space
        assert holds(text, strings)


@given(STRINGS, TEXT, st.lists(st.integers(0, 60), max_size=8))
def test_the_chunking_does_not_decide_whether_a_text_is_stopped(
    strings: list[str], text: str, at: list[int]
) -> None:
    """Where it is stopped may depend on what else could still have begun before."""
    ways = [run(watch_for(strings), pieces) for pieces in ([text], cut(text, at), text)]
    assert len({leaks.leak is None for _, leaks in ways}) == 1
    passed = sorted((passed for passed, _ in ways), key=len)
    assert all(longer.startswith(shorter) for shorter, longer in pairwise(passed))
    if ways[0][1].leak is None:
        assert passed == [text] * 3


@given(STRINGS, TEXT, st.integers(0, 60))
def test_what_was_said_before_is_completed_by_nothing(
    strings: list[str], text: str, at: int
) -> None:
    before, after = text[:at], text[at:]
    if holds(before, strings):
        return  # the reader has it already
    passed, _ = run(watch_for(strings), [after], before)
    assert not holds(before + passed, strings) or holds(passed + "x", strings) is False


@given(st.lists(st.sampled_from(["to", "be", "or", "not", "that", "is"]), min_size=8, max_size=14),
       st.lists(st.sampled_from(["to", "be", "or", "not", "that", "is"]), max_size=30),
       st.lists(st.integers(0, 120), max_size=8))  # fmt: skip
def test_never_eight_words_of_a_passage(words: list[str], said: list[str], at: list[int]) -> None:
    watch = watch_on(rules_of({"passages": (" ".join(words),)}))
    text = ", ".join(said)
    passed, leaks = run(watch, cut(text, at))
    runs = {tuple(words[i : i + 8]) for i in range(len(words) - 7)}
    told = passed.replace(",", "").split()
    if leaks.leak is not None and not passed.endswith((" ", ",")):
        told = told[:-1]  # a word that was cut short
    assert not any(tuple(told[i : i + 8]) in runs for i in range(len(told)))
    assert (leaks.leak is not None) == any(tuple(said[i : i + 8]) in runs for i in range(len(said)))


def test_many_rules_hold_no_more_than_few() -> None:
    names = [f"Nora{n:03d} Vane{n:03d}" for n in range(300)]
    rules: RuleSet = rules_of(*({"name": name, "whole_subject": True} for name in names))
    leaks = LeakFilter(Watch.of(lambda: rules, KEY))
    text = "Nora was here, and Nora007 too, with Vane007 and nora 8. "
    held = 0
    for letter in text * 3:
        leaks.feed(letter)
        held = max(held, leaks.held)
    assert leaks.leak is None
    assert held <= len("Nora007 ")


@given(STRINGS, TEXT, st.lists(st.integers(0, 60), max_size=8), st.integers(0, 8))
def test_a_rule_set_that_is_replaced_forbids_the_same(
    strings: list[str], text: str, at: list[int], when: int
) -> None:
    first = watch_for(strings).rules()
    second = replace(first, revision=2)
    fed: list[str] = []
    watch = Watch(lambda: first if len(fed) < when else second, KEY)
    leaks, passed = LeakFilter(watch), ""
    for piece in cut(text, at):
        fed.append(piece)
        passed += leaks.feed(piece)
    assert run(watch_for(strings), cut(text, at))[0] == passed + leaks.flush()
