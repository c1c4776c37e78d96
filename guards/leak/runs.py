"""Runs of words that passages have too."""

from __future__ import annotations

from guards.leak.shingles import CHARACTERS, fingerprint
from guards.leak.watch import Watch
from guards.rule import Rule
from guards.ruleset import RuleSet


class Runs:
    """The last words of a text, and whether they are in a row in a passage of a rule."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._words: list[str] = []

    def fork(self) -> Runs:
        """Others with the same last words."""
        other = Runs(self._watch)
        other._words = [*self._words]
        return other

    def add(self, word: str, rules: RuleSet) -> Rule | None:
        """The rule that has the words up to this one, which is whole, in a passage."""
        rule = self.peek(word, rules)
        self._words.append(word)
        del self._words[: -CHARACTERS + 1]
        return rule

    def peek(self, word: str, rules: RuleSet) -> Rule | None:
        """The same, for a word that may still grow."""
        indexes = [s.leaks for s in rules.segments if s.leaks.shingles]
        mark = fingerprint(self._watch.key, [*self._words, word]) if indexes else None
        if mark is None or mark in self._watch.allowed_runs:
            return None
        for index in indexes:
            for number in index.shingles.find(mark):
                rule = index.rules[number]
                if rules.holds(rule):
                    return rule
        return None
