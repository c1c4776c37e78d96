"""What a rule would do to ordinary use: counted on a sample of prompts and of answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from folding import fold
from guards.leak.filter import leak_in
from guards.leak.matcher import Leak
from guards.leak.shingles import fingerprints
from guards.leak.shingles import words_of as said_in
from guards.leak.watch import Watch
from guards.meaning.adapter import Adapter
from guards.rule import Action, Encode, Rule, Vectors
from guards.ruleset import RuleSet
from guards.screen import screen
from guards.talk.conversation import Conversation
from guards.talk.turn import Turn
from guards.text.words import STOP
from guards.text.words import words_of as words_in
from guards.verdict import Match

_MISSPELT = 4
"""Letters from which a word may be a name that is misspelt."""
_ENDINGS = ("s", "es", "'s")


@dataclass(frozen=True, slots=True)
class Collateral:
    """What a rule touches of a sample: prompts by its match, answers by what stops them.

    `blocked` are the prompts that no enforced rule touched before, `already` counts the others.
    """

    prompts: int
    replies: int
    blocked: tuple[tuple[str, Match], ...] = field(default=(), repr=False)
    stopped: tuple[tuple[str, Leak], ...] = field(default=(), repr=False)
    already: int = 0

    @property
    def rate(self) -> float:
        """The share of the prompts that the rule would be the first to block."""
        return len(self.blocked) / self.prompts if self.prompts else 0.0

    @property
    def replies_rate(self) -> float:
        """The share of the answers that would be stopped."""
        return len(self.stopped) / self.replies if self.replies else 0.0


class Sample:
    """Prompts that should stay answered and answers that should pass, made ready for many rules.

    Every rule is tried on what it could touch only: prompts that lie close to it or share a word
    with its names and strings, answers that hold such words or a run of words of its passages.
    `key` is the one that passages are fingerprinted with, `vectors` are the embeddings of
    `windows_of` the prompts, which go through the `adapter` of the rule sets.
    Immutable, shared between threads.
    """

    def __init__(
        self,
        prompts: Sequence[str],
        replies: Sequence[str],
        vectors: Vectors,
        *,
        encode: Encode,
        adapter: Adapter,
        key: bytes,
    ) -> None:
        self._prompts, self._replies = tuple(prompts), tuple(replies)
        self._encode, self._key = encode, key
        texts, self._owners = _windows(prompts)
        self._vectors, self._adapted = vectors, adapter(vectors)
        self._known: Mapping[str, Vectors] = dict(zip(texts, vectors, strict=True))
        self._asked = _Words(words_in(fold(prompt).text) for prompt in prompts)
        self._said = _Words(map(said_in, replies))
        marks = [fingerprints(key, [reply]) for reply in replies]
        self._marks = np.concatenate([np.empty(0, np.uint64), *marks])
        self._marked = np.repeat(np.arange(len(marks)), [len(each) for each in marks])

    def touched_by(self, rule: Rule, rules: RuleSet) -> Collateral:
        """What a rule would touch, as if it were enforced beside the others of a rule set."""
        rule = replace(rule, action=Action.AUTO)
        alone = RuleSet.build([rule], rules.revision, rules.thresholds, rules.adapter)
        others = rules.without(rule.id, rules.revision)
        blocked, already = [], 0
        for number in self._near(rule, alone):
            prompt = self._prompts[number]
            match = next(iter(self._matches(prompt, alone)), None)
            if match is not None and any(m.enforced for m in self._matches(prompt, others)):
                already += 1
            elif match is not None:
                blocked.append((prompt, match))
        stopped = []
        watch = Watch.of(lambda: alone, self._key)
        for number in self._telling(rule):
            leak = leak_in(self._replies[number], watch)
            if leak is not None:
                stopped.append((self._replies[number], leak))
        counts = len(self._prompts), len(self._replies)
        return Collateral(*counts, tuple(blocked), tuple(stopped), already)

    def _matches(self, prompt: str, rules: RuleSet) -> tuple[Match, ...]:
        return screen(Conversation.of(prompt), rules, self._remembered).matches

    def _remembered(self, texts: Sequence[str]) -> Vectors:
        """The embeddings of texts, those of the sample from memory."""
        unknown = [text for text in texts if text not in self._known]
        made = dict(zip(unknown, self._encode(unknown), strict=True)) if unknown else {}
        rows = [made[text] if text in made else self._known[text] for text in texts]
        return np.stack(rows) if rows else self._vectors[:0]

    def _near(self, rule: Rule, rules: RuleSet) -> Iterator[int]:
        """The prompts that a rule could touch: by their meaning, or by a word."""
        found = set(self._asked.with_any(_names(rule), misspelt=True))
        found.update(self._asked.with_all(rule.phrases))
        if len(self._vectors):
            for _, window, _ in rules.find_asked(self._vectors):
                found.add(self._owners[window])
            for _, window, _ in rules.find_about(self._adapted):
                found.add(self._owners[window])
        return iter(sorted(found))

    def _telling(self, rule: Rule) -> Iterator[int]:
        """The answers that a rule could stop: by a word, or by a run of words of a passage."""
        found = set(self._said.with_any(_names(rule)))
        found.update(self._said.with_all(rule.phrases))
        if rule.shingles.size:
            found.update(self._marked[np.isin(self._marks, rule.shingles)].tolist())
        return iter(sorted(found))


def windows_of(prompts: Sequence[str]) -> list[str]:
    """The texts of which a sample needs the embeddings, in order."""
    return _windows(prompts)[0]


class _Words:
    """Which of some texts hold a word, also as a plural or possessive."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        places: dict[str, set[int]] = defaultdict(set)
        for number, words in enumerate(texts):
            for word in words:
                places[word].add(number)
                for ending in _ENDINGS:
                    if word.endswith(ending):
                        places[word.removesuffix(ending)].add(number)
        self._places = dict(places)
        self._words = list(places)

    def with_any(self, words: Iterable[str], misspelt: bool = False) -> Iterator[int]:
        """The texts that hold one of some words, or one that differs from it by a letter."""
        words = list(words)
        for word in words:
            yield from self._places.get(word, ())
        long = [word for word in words if len(word) >= _MISSPELT] if misspelt else []
        if long and self._words:
            near = cdist(long, self._words, scorer=OSA.distance, score_cutoff=1) <= 1
            for column in np.flatnonzero(near.any(axis=0)).tolist():
                yield from self._places[self._words[column]]

    def with_all(self, phrases: Iterable[str]) -> Iterator[int]:
        """The texts that hold all words of one of some phrases."""
        for phrase in phrases:
            places = [self._places.get(word, set()) for word in said_in(phrase)]
            if places:
                yield from set.intersection(*places)


def _names(rule: Rule) -> list[str]:
    """The words that name the subject of a rule, function words where there is nothing else."""
    words = dict.fromkeys(word for anchor in rule.anchors for word in said_in(anchor))
    return [word for word in words if word not in STOP] or list(words)


def _windows(prompts: Sequence[str]) -> tuple[list[str], list[int]]:
    """The windows of some prompts, each by itself, and the numbers of their prompts."""
    turns = (Turn(Conversation.of(prompt)) for prompt in prompts)
    found = [
        (window.text, number)
        for number, turn in enumerate(turns)
        for window in turn.windows((), lambda words: {})
    ]
    return [text for text, _ in found], [number for _, number in found]
