"""From a rule to one that holds no text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from guards.blind.clues import marked_clues
from guards.blind.marks import TOKENS, Blind, Marks, marks_of
from guards.leak.index import forbidden
from guards.leak.plain import LONGEST_WORD, phrase
from guards.names.forms import forms
from guards.names.writings import names_of, writings
from guards.rule import Rule
from guards.text.words import telling


def blinded(rule: Rule, key: bytes) -> Rule:
    """A rule that finds the same phrases and holds none of its texts, only their marks.

    `key`, at most 64 bytes, makes the marks; embeddings and fingerprints of passages stay.
    """
    names = names_of(rule)
    people = [form for name in names if (form := forms(name))]
    anchors = [phrase(name) for name in rule.anchors]
    always = dict.fromkeys(forbidden(rule))
    blind = Blind(
        key=key,
        names=Marks.of(key, writings(rule, names, people).items()),
        always=Marks.of(key, ((text, int(named)) for text, named in always)),
        anchors=Marks.of(key, ((name, 0) for name in anchors)),
        values=Marks.of(key, ((value, 0) for value in rule.values)),
        subject=marks_of(key, (word for anchor in rule.anchors for word in telling(anchor))),
        words=marks_of(key, rule.words),
        whole_subject=rule.whole_subject,
        longest=_longest((*(text for text, _ in always), *anchors, *rule.values)),
    )
    return replace(
        rule,
        phrases=(),
        anchors=(),
        words=(),
        values=(),
        clues=tuple(marked_clues(key, clues) for clues in rule.clues),
        blind=blind,
    )


def _longest(phrases: Iterable[str]) -> int:
    """The characters of the longest word; no fewer than those of any ordinary one."""
    words = (word for phrase in phrases for word in TOKENS.findall(phrase))
    return max((LONGEST_WORD, *map(len, words)))
