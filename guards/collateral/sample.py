"""A sample of ordinary use, and which of it a rule touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from folding import fold
from guards.blind.marks import Marks
from guards.collateral.counted import Collateral
from guards.collateral.places import Words
from guards.leak.filter import leak_in
from guards.leak.shingles import fingerprints
from guards.leak.shingles import words_of as said_in
from guards.leak.watch import Watch
from guards.meaning.adapter import Adapter
from guards.rule import Action, Encode, Fingerprints, Rule, Vectors
from guards.ruleset import RuleSet
from guards.screen import screen
from guards.talk.conversation import Conversation
from guards.talk.turn import Turn
from guards.text.words import STOP
from guards.text.words import words_of as words_in
from guards.verdict import Match


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
        self._asked = Words(words_in(fold(prompt).text) for prompt in prompts)
        self._said = Words(map(said_in, replies))
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
        found.update(self._asked.with_all(map(said_in, rule.phrases)))
        if rule.blind is not None:
            blind = rule.blind
            found.update(self._asked.with_marked(blind.key, _began(blind.names, blind.subject)))
        if len(self._vectors):
            for _, window, _ in rules.find_asked(self._vectors):
                found.add(self._owners[window])
            for _, window, _ in rules.find_about(self._adapted):
                found.add(self._owners[window])
        return iter(sorted(found))

    def _telling(self, rule: Rule) -> Iterator[int]:
        """The answers that a rule could stop: by a word, or by a run of words of a passage."""
        found = set(self._said.with_any(_names(rule)))
        found.update(self._said.with_all(map(said_in, rule.phrases)))
        if rule.blind is not None:
            blind = rule.blind
            found.update(self._said.with_marked(blind.key, _began(blind.always, blind.subject)))
        if rule.shingles.size:
            found.update(self._marked[np.isin(self._marks, rule.shingles)].tolist())
        return iter(sorted(found))


def windows_of(prompts: Sequence[str]) -> list[str]:
    """The texts of which a sample needs the embeddings, in order."""
    return _windows(prompts)[0]


def _began(phrases: Marks, words: Fingerprints) -> list[int]:
    """The marks of words that a phrase may begin with, and of some more."""
    return [*phrases.whole.tolist(), *phrases.begun.tolist(), *words.tolist()]


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
