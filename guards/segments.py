"""Some rules with the indexes that find them: what a rule set is made of, and merged from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import faiss

from guards.blind.names import BlindNames
from guards.leak.index import LeakIndex
from guards.meaning.similarity import Similarity
from guards.names.phrases import Names
from guards.rule import Rule
from guards.text.words import Wording

_MANY = 10_000
"""Rules whose embeddings are worth a thread of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Some rules with their indexes; built once, never changed."""

    rules: tuple[Rule, ...]
    names: Names = field(repr=False)
    blind: BlindNames = field(repr=False)
    asked: Similarity = field(repr=False)
    about: Similarity = field(repr=False)
    wording: Wording = field(repr=False)
    leaks: LeakIndex = field(repr=False)

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Segment:
        """Index some rules; seconds for a hundred thousand."""
        if len(rules) < _MANY:
            compared = _compared(rules)
            return cls(
                tuple(rules),
                Names(rules),
                BlindNames(rules),
                *compared,
                Wording(rules),
                LeakIndex(rules),
            )
        # Lists of very many embeddings are made outside of the interpreter, beside its own work;
        # by one thread, for chats want the other cores.
        with ThreadPoolExecutor(1, "similarity", faiss.omp_set_num_threads, (1,)) as pool:
            comparing = pool.submit(_compared, rules)
            names, blind = Names(rules), BlindNames(rules)
            wording, leaks = Wording(rules), LeakIndex(rules)
            return cls(tuple(rules), names, blind, *comparing.result(), wording, leaks)


def _compared(rules: Sequence[Rule]) -> tuple[Similarity, Similarity]:
    return Similarity([rule.asked for rule in rules]), Similarity([rule.about for rule in rules])


@dataclass(frozen=True, slots=True, eq=False)
class Compaction:
    """Segments of a rule set, and the one that can take their place."""

    merged: frozenset[Segment]
    segment: Segment | None
    """None where no rule of them is left."""

    def pieces(self) -> list[object]:
        """What the merged segments hold: to be freed one by one once nobody reads them."""
        found: list[object] = []
        for segment in self.merged:
            found += (segment.names, segment.blind, segment.asked, segment.about)
            found += (segment.wording, segment.leaks)
        return found


def live_in(segment: Segment, rules: Mapping[str, Rule]) -> Iterator[Rule]:
    """The rules of a segment that were neither replaced nor taken out."""
    return (rule for rule in segment.rules if rules.get(rule.id) is rule)
