"""All rules at one revision: an immutable snapshot that readers share without locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from immutables import Map

from folding import Folded
from guards.errors import RuleError
from guards.meaning.adapter import RAW, Adapter
from guards.names.hit import NameHit
from guards.names.said import Said
from guards.rule import Rule, Vectors
from guards.segments import Compaction, Segment, live_in
from guards.thresholds import SHIPPED, Thresholds

_SMALL = 32
"""Rules up to which a segment is merged on the spot, in a millisecond or two."""

_STEP = 3
"""A segment is merged in the background unless it is so many times larger than what follows."""


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules that are enforced at one revision.

    Kept as segments like a log-structured merge tree: a new rule is a segment of its own, small
    neighbours are merged at once, larger ones by `compacted`, in the background, so that adding
    costs the same however many there are. A rule that was replaced or taken out stays in its
    segment, unheard, until that is merged. Readers never wait.
    """

    revision: int
    rules: Map[str, Rule] = field(repr=False)
    segments: tuple[Segment, ...] = field(default=(), repr=False)
    thresholds: Thresholds = SHIPPED
    adapter: Adapter = RAW
    """The one through which the rules' `about` embeddings went."""
    passages: bool = field(init=False, default=False)
    """Whether a rule has a passage, or had one until lately."""

    def __post_init__(self) -> None:
        passages = any(segment.leaks.shingles for segment in self.segments)
        object.__setattr__(self, "passages", passages)

    @classmethod
    def empty(cls) -> RuleSet:
        """No rules, revision 0."""
        return cls(0, Map())

    @classmethod
    def build(
        cls,
        rules: Iterable[Rule],
        revision: int,
        thresholds: Thresholds = SHIPPED,
        adapter: Adapter = RAW,
    ) -> RuleSet:
        """All these rules at once; of several with one id the last counts."""
        by_id: Map[str, Rule] = Map()
        with by_id.mutate() as changed:
            for rule in rules:
                changed[rule.id] = rule
            by_id = changed.finish()
        for rule in by_id.values():
            _check(rule, by_id)
        segments = (Segment.of(tuple(by_id.values())),) if by_id else ()
        return cls(revision, by_id, segments, thresholds, adapter)

    def with_rule(self, rule: Rule, revision: int) -> RuleSet:
        """This set with a rule added, or replaced where its id is known.

        Raises `RuleError` when its embeddings have another dimension than the others'.
        """
        _check(rule, self.rules)
        rules = self.rules.set(rule.id, rule)
        segments, fresh = list(self.segments), [rule]
        while segments and len(segments[-1].rules) <= min(len(fresh), _SMALL):
            fresh = [*live_in(segments.pop(), rules), *fresh]
        segments.append(Segment.of(fresh))
        return replace(self, revision=revision, rules=rules, segments=tuple(segments))

    def without(self, rule_id: str, revision: int) -> RuleSet:
        """This set without a rule; the same rules when the id is not known."""
        rules = self.rules.delete(rule_id) if rule_id in self.rules else self.rules
        return replace(self, revision=revision, rules=rules)

    def at(self, revision: int) -> RuleSet:
        """The same rules at another revision."""
        return replace(self, revision=revision)

    def with_thresholds(self, thresholds: Thresholds) -> RuleSet:
        """The same rules with other thresholds."""
        return replace(self, thresholds=thresholds)

    def compacted(self) -> Compaction | None:
        """What merging segments of this set gives; None when they are few enough.

        Takes up to seconds: call it in a thread of its own, and give the result to
        `with_compacted` of whatever set is the newest by then. Until it returns None.
        """
        large = self._large()
        if 3 * len(self.rules) < 2 * sum(len(segment.rules) for segment in self.segments):
            live = [rule for segment in large for rule in live_in(segment, self.rules)]
            if 3 * len(live) < 2 * sum(len(segment.rules) for segment in large):
                return Compaction(frozenset(large), Segment.of(live) if live else None)
        merged: list[Segment] = []
        total = 0
        for segment in sorted(large, key=lambda segment: len(segment.rules)):
            if merged and len(segment.rules) > _STEP * total:
                break
            merged.append(segment)
            total += len(segment.rules)
        if len(merged) < 2:
            return None
        rules = [rule for segment in merged for rule in live_in(segment, self.rules)]
        return Compaction(frozenset(merged), Segment.of(rules) if rules else None)

    def with_compacted(self, compaction: Compaction) -> RuleSet:
        """This set with the merged segments replaced; unchanged where it has them no more."""
        kept = [segment for segment in self.segments if segment not in compaction.merged]
        if len(self.segments) - len(kept) < len(compaction.merged):
            return self
        first = () if compaction.segment is None else (compaction.segment,)
        return replace(self, segments=(*first, *kept))

    def _large(self) -> list[Segment]:
        """The segments that `with_rule` leaves alone: all but the small ones at the end."""
        segments = list(self.segments)
        while segments and len(segments[-1].rules) <= _SMALL:
            segments.pop()
        return segments

    def find_names(self, view: Folded, written: str, again: bool = False) -> Iterator[NameHit]:
        """All that names a rule in a view of a text that was `written` so (see `Folded`)."""
        said = Said(view, written, again)
        for segment in self.segments:
            for hit in segment.names.find(said, self._bearers):
                if self.holds(hit.rule):
                    yield hit
            if segment.blind:
                yield from (hit for hit in segment.blind.find(said) if self.holds(hit.rule))

    def _bearers(self, word: str) -> int:
        """How many rules have a word as a surname, or as a rare given name."""
        return sum(segment.names.bearers(word) for segment in self.segments)

    def find_asked(self, windows: Vectors) -> Iterator[tuple[Rule, int, float]]:
        """(rule, window, cosine) of every window, of (w, d), that asks for what was filed."""
        for segment in self.segments:
            for number, window, cosine in segment.asked.find(windows, self.thresholds.asked):
                if self.holds(rule := segment.rules[number]):
                    yield rule, window, cosine

    def find_about(self, windows: Vectors) -> Iterator[tuple[Rule, int, float]]:
        """(rule, window, cosine) of every window that is about a subject.

        `windows` went through the adapter, shape (w, d).
        """
        for segment in self.segments:
            for number, window, cosine in segment.about.find(windows, self.thresholds.about):
                if self.holds(rule := segment.rules[number]):
                    yield rule, window, cosine

    def holds(self, rule: Rule) -> bool:
        """Whether a rule was neither replaced nor taken out."""
        return self.rules.get(rule.id) is rule

    def weigh(self, words: set[str]) -> dict[str, float]:
        """Of some folded words those that filed texts have; the fewer rules, the heavier."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(segment.wording.count(words))
        return {word: 1 / count for word, count in counts.items()}


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
