"""Exact phrases of many rules in one pass: Aho–Corasick over folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ahocorasick

from guards.boundary import stands_alone
from guards.fold import Folded, fold
from guards.rule import Rule

_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_])\. ?")


@dataclass(frozen=True, slots=True)
class NameHit:
    """A phrase or an anchor of a rule, at [start, end) of the searched view's text."""

    rule: Rule
    start: int
    end: int
    sure: bool
    """Whether it is one of the rule's phrases; otherwise it only names the subject."""


def name_view(text: str) -> Folded:
    """The folded text, the dot after an initial taken for a space.

    "M. Quell", "M.Quell" and "M Quell" become the same.
    """
    folded = fold(text)
    return folded.shortened(_INITIAL, r"\1 ") if "." in folded.text else folded


class Names:
    """The phrases and anchors of some rules; immutable, shared between threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        carriers: dict[str, dict[tuple[int, bool], None]] = {}
        for number, rule in enumerate(rules):
            sure = dict.fromkeys(rule.phrases, True)
            for phrase, certain in (dict.fromkeys(rule.anchors, False) | sure).items():
                if viewed := name_view(phrase).text.strip():
                    carriers.setdefault(viewed, {})[number, certain] = None
        self._rules = rules
        self._automaton = ahocorasick.Automaton() if carriers else None
        if self._automaton is not None:
            for phrase, numbers in carriers.items():
                self._automaton.add_word(phrase, (len(phrase), tuple(numbers)))
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[NameHit]:
        """Every phrase and anchor that stands alone in the text of a `name_view`."""
        if self._automaton is None:
            return
        for last, (length, numbers) in self._automaton.iter(text):
            start, end = last + 1 - length, last + 1
            if stands_alone(text, start, end):
                for number, sure in numbers:
                    yield NameHit(self._rules[number], start, end, sure)
