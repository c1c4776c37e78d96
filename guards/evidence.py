"""What speaks for each rule while a conversation is judged, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from guards.rule import Rule
from guards.text.segment import Span
from guards.thresholds import Thresholds
from guards.verdict import Match

_PLACES = 1024
"""Places that are kept of one rule: a name can stand in a prompt half a million times."""


@dataclass(frozen=True, slots=True)
class Place:
    """[start, end) of a message's text, and the view in which something was seen there."""

    message: int
    span: Span
    view: str


@dataclass(slots=True)
class _Case:
    """What speaks for one rule."""

    rule: Rule
    detectors: dict[str, float] = field(default_factory=dict)
    best: tuple[float, Place] | None = None
    places: list[Place] = field(default_factory=list)


class Evidence:
    """Collected for one verdict; each rule's strongest evidence becomes its match."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}

    def add(self, rule: Rule, detector: str, score: float, place: Place) -> None:
        """Note that a detector saw a rule at a place, with a score in 0..1."""
        case = self._cases.setdefault(rule.id, _Case(rule))
        case.detectors[detector] = max(score, case.detectors.get(detector, 0.0))
        if len(case.places) < _PLACES:
            case.places.append(place)
        if case.best is None or score > case.best[0]:
            case.best = (score, place)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._cases

    def matches(self, thresholds: Thresholds) -> list[tuple[Rule, Match]]:
        """Each rule with its match, the strongest first."""
        found = []
        for case in self._cases.values():
            if case.best is not None:
                score, place = case.best
                match = Match(
                    id=case.rule.id,
                    score=score,
                    threshold=thresholds.asked,
                    detectors=dict(case.detectors),
                    view=place.view,
                    span=place.span,
                    message=place.message,
                )
                found.append((case.rule, match))
        return sorted(found, key=lambda pair: (-pair[1].score, pair[1].id))

    def clear(self, message: int, parts: Sequence[Span]) -> tuple[Span, ...]:
        """Of some parts of a message, in order, those that touch no rule; linear in both.

        A rule counts where it was seen most narrowly. None are clear once places were dropped.
        """
        if any(len(case.places) >= _PLACES for case in self._cases.values()):
            return ()
        touched = sorted(
            span
            for case in self._cases.values()
            for span in _narrowest(p.span for p in case.places if p.message == message)
        )
        clear = []
        reach, next_touched = 0, 0  # how far the spans that begin before the part's end go
        for start, end in parts:
            while next_touched < len(touched) and touched[next_touched][0] < end:
                reach = max(reach, touched[next_touched][1])
                next_touched += 1
            if reach <= start:
                clear.append((start, end))
        return tuple(clear)


def _narrowest(spans: Iterable[Span]) -> list[Span]:
    """The spans that hold no other one: a whole turn is close because a sentence of it is."""
    narrow: list[Span] = []
    # By start, longer first: a span that holds another one comes directly before one it holds.
    for span in sorted(dict.fromkeys(spans), key=lambda s: (s[0], -s[1])):
        while narrow and span[1] <= narrow[-1][1]:
            narrow.pop()
        narrow.append(span)
    return narrow
