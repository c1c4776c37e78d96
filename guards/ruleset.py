"""All rules at one revision: an immutable snapshot that readers share without locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from guards.errors import RuleError
from guards.meaning.similarity import Similarity
from guards.names.phrases import NameHit, Names
from guards.rule import Rule, Vectors
from guards.text.words import Wording
from guards.thresholds import SHIPPED, Thresholds

_LARGEST = 4096
"""Rules in one segment at most: building its automaton holds the interpreter's lock."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Some rules with their indexes; built once, never changed."""

    rules: tuple[Rule, ...]
    names: Names = field(repr=False)
    asked: Similarity = field(repr=False)
    about: Similarity = field(repr=False)
    wording: Wording = field(repr=False)

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Segment:
        """Index some rules."""
        return cls(
            tuple(rules),
            Names(rules),
            Similarity([rule.asked for rule in rules]),
            Similarity([rule.about for rule in rules]),
            Wording(rules),
        )


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that are enforced at one revision.

    Kept as segments like a log-structured merge tree: a new rule is a segment of its own, and
    neighbours of like size are merged, so that adding costs the same however many there are.
    A rule that was replaced or taken out stays in its segment, unheard, until it is rebuilt.
    Two threads may read and derive new sets at once; nobody ever waits.
    """

    revision: int
    rules: MappingProxyType[str, Rule] = field(repr=False)
    segments: tuple[Segment, ...] = field(default=(), repr=False)
    thresholds: Thresholds = SHIPPED

    @classmethod
    def empty(cls) -> RuleSet:
        """No rules, revision 0."""
        return cls(0, MappingProxyType({}))

    @classmethod
    def build(
        cls, rules: Iterable[Rule], revision: int, thresholds: Thresholds = SHIPPED
    ) -> RuleSet:
        """All these rules at once; of several with one id the last counts."""
        by_id = {rule.id: rule for rule in rules}
        for rule in by_id.values():
            _check(rule, by_id)
        every = list(by_id.values())
        chunks = (every[i : i + _LARGEST] for i in range(0, len(every), _LARGEST))
        segments = tuple(map(Segment.of, chunks))
        return cls(revision, MappingProxyType(by_id), segments, thresholds)

    def with_rule(self, rule: Rule, revision: int) -> RuleSet:
        """This set with a rule added, or replaced where its id is known.

        Raises `RuleError` when its embeddings have another dimension than the others'.
        """
        _check(rule, self.rules)
        rules = self.rules | {rule.id: rule}
        segments = list(self.segments)
        fresh = [rule]
        while segments and _mergeable(len(segments[-1].rules), len(fresh)):
            fresh = [r for r in segments.pop().rules if rules.get(r.id) is r] + fresh
        segments.append(Segment.of(fresh))
        return self._with(revision, rules, segments)

    def without(self, rule_id: str, revision: int) -> RuleSet:
        """This set without a rule; the same rules when the id is not known."""
        rules = {known: rule for known, rule in self.rules.items() if known != rule_id}
        segments: list[Segment] = []
        for segment in self.segments:
            live = [r for r in segment.rules if rules.get(r.id) is r]
            if len(live) * 2 > len(segment.rules):
                segments.append(segment)
            elif live:
                segments.append(Segment.of(live))
        return self._with(revision, rules, segments)

    def at(self, revision: int) -> RuleSet:
        """The same rules at another revision."""
        return replace(self, revision=revision)

    def _with(self, revision: int, rules: Mapping[str, Rule], segments: list[Segment]) -> RuleSet:
        return replace(
            self, revision=revision, rules=MappingProxyType(dict(rules)), segments=tuple(segments)
        )

    def find_names(self, text: str) -> Iterator[NameHit]:
        """Every phrase and anchor in the text of a `name_view`."""
        for segment in self.segments:
            for hit in segment.names.find(text):
                if self._holds(hit.rule):
                    yield hit

    def find_asked(self, windows: Vectors) -> Iterator[tuple[Rule, int, float]]:
        """(rule, window, cosine) of every window, of (w, d), that asks for what was filed."""
        for segment in self.segments:
            for number, window, cosine in segment.asked.find(windows, self.thresholds.asked):
                if self._holds(rule := segment.rules[number]):
                    yield rule, window, cosine

    def find_about(self, windows: Vectors) -> Iterator[tuple[Rule, int, float]]:
        """(rule, window, cosine) of every window, of (w, d), that is about a subject."""
        for segment in self.segments:
            for number, window, cosine in segment.about.find(windows, self.thresholds.about):
                if self._holds(rule := segment.rules[number]):
                    yield rule, window, cosine

    def _holds(self, rule: Rule) -> bool:
        return self.rules.get(rule.id) is rule

    def weigh(self, words: set[str]) -> dict[str, float]:
        """Of some folded words those that filed texts have; the fewer rules, the heavier."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(segment.wording.count(words))
        return {word: 1 / count for word, count in counts.items()}


def _mergeable(older: int, newer: int) -> bool:
    return older <= newer and older + newer <= _LARGEST


def _check(rule: Rule, others: Mapping[str, Rule]) -> None:
    """Embeddings of different encoders cannot be compared, and FAISS would abort on them."""
    dimension = rule.asked.shape[1]
    first = next(iter(others.values()), rule)
    others_have = first.asked.shape[1]
    if {others_have, rule.about.shape[1], rule.retain.shape[1]} != {dimension}:
        raise RuleError(
            f"{rule.id} has embeddings of {dimension} dimensions, the others of "
            f"{others_have}; compile it anew with this encoder."
        )
