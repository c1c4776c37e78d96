"""Names and values that may not stand in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from guards.blind.phrases import MarkedPhrases, Sought
from guards.leak.phrases import Phrases
from guards.leak.plain import phrase
from guards.rule import Rule

_FAR = 600
"""Characters after which a sentence counts as over."""


@dataclass(frozen=True, slots=True)
class _Half:
    """A name or a value of a rule that stands in the text, and what may not join it."""

    rule: Rule
    at: int
    others: Sought


class Neighbours:
    """The names and the values of some rules that were seen lately, with their other halves.

    `apart` says whether a sentence ends between two places of the text.
    """

    def __init__(self, apart: Callable[[int, int], bool]) -> None:
        self._apart = apart
        self._seen: dict[tuple[str, bool], _Half] = {}

    def fork(self, apart: Callable[[int, int], bool]) -> Neighbours:
        """Others that have seen the same."""
        other = Neighbours(apart)
        other._seen = dict(self._seen)
        return other

    def __bool__(self) -> bool:
        return bool(self._seen)

    def saw(self, rule: Rule, named: bool, at: int) -> None:
        """A name, or else a value, of a rule stands at a place."""
        self._seen[rule.id, named] = _Half(rule, at, _others(rule, named))

    def beside(self, at: int) -> Iterator[tuple[tuple[Rule], Sought]]:
        """The rules of which one half stands in the sentence of a place, with their others."""
        for key, half in tuple(self._seen.items()):
            if at - half.at > _FAR or self._apart(half.at, at):
                del self._seen[key]
            else:
                yield (half.rule,), half.others


def _others(rule: Rule, named: bool) -> Sought:
    """The values of a rule, for its name, or else its names."""
    if (blind := rule.blind) is not None:
        marks = blind.values if named else blind.anchors
        return MarkedPhrases.of([(blind, marks, [0] * len(marks.codes))])
    return Phrases((text, 0) for text in (rule.values if named else map(phrase, rule.anchors)))
