"""What some rules forbid in replies, indexed: a part of each segment of a rule set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from guards.blind.phrases import MarkedPhrases, Of, either
from guards.leak.phrases import Phrases
from guards.leak.plain import phrase
from guards.leak.shingles import Shingles
from guards.names.forms import forms
from guards.names.writings import names_of
from guards.rule import Action, Rule

_KINDS = 2


class LeakIndex:
    """Immutable; built with its segment. A rule that only observes forbids nothing.

    `always` are forbidden strings and the names of whole subjects, `together` the names and the
    values of rules that are not about a whole subject: one of each may not stand in one sentence.
    The codes of both are the number of the rule times 2, plus 1 for a name.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.always = either(Phrases(_always(rules)), MarkedPhrases.of(_always_blind(rules)))
        self.together = either(Phrases(_together(rules)), MarkedPhrases.of(_together_blind(rules)))
        self.shingles = Shingles(
            (rule.shingles, number) for number, rule in enumerate(rules) if _enforced(rule)
        )

    def meant(self, code: int) -> Meant:
        """What a code says."""
        number, named = divmod(code, _KINDS)
        return Meant(self.rules[number], bool(named))


class Meant(NamedTuple):
    """A rule, and whether a phrase is a name of its subject."""

    rule: Rule
    named: bool


def _enforced(rule: Rule) -> bool:
    return rule.action is not Action.OBSERVE


def _always(rules: Sequence[Rule]) -> Iterator[tuple[str, int]]:
    for number, rule in enumerate(rules):
        if _enforced(rule):
            yield from ((text, number * _KINDS + named) for text, named in forbidden(rule))


def _always_blind(rules: Sequence[Rule]) -> Iterator[Of]:
    for number, rule in enumerate(rules):
        if _enforced(rule) and (blind := rule.blind) is not None:
            codes = [number * _KINDS + named for named in blind.always.codes]
            yield blind, blind.always, codes


def forbidden(rule: Rule) -> Iterator[tuple[str, bool]]:
    """What a rule forbids in every reply, each with whether it is a name of its subject."""
    for text in rule.phrases:
        yield phrase(text), text in rule.anchors
    for name in names_of(rule):
        for form in called(name):
            yield form, True


def called(name: str) -> Iterator[str]:
    """What a person is called for sure: "anna smith" for "anna nicole smith"."""
    form = forms(name)
    if form is not None:
        yield from (form.name, *form.phrases)


def _together(rules: Sequence[Rule]) -> Iterator[tuple[str, int]]:
    for number, rule in enumerate(rules):
        if _enforced(rule) and rule.values and rule.anchors and not rule.whole_subject:
            yield from ((phrase(name), number * _KINDS + 1) for name in rule.anchors)
            yield from ((text, number * _KINDS) for text in rule.values)


def _together_blind(rules: Sequence[Rule]) -> Iterator[Of]:
    for number, rule in enumerate(rules):
        blind = rule.blind
        if blind is None or not _enforced(rule) or rule.whole_subject:
            continue
        if blind.values.codes and blind.anchors.codes:
            yield blind, blind.anchors, [number * _KINDS + 1] * len(blind.anchors.codes)
            yield blind, blind.values, [number * _KINDS] * len(blind.values.codes)
