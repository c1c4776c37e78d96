"""What speaks for each rule while a conversation is judged, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from guards.rule import Rule
from guards.segment import Span
from guards.verdict import Match


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
        case.places.append(place)
        if case.best is None or score > case.best[0]:
            case.best = (score, place)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._cases

    def matches(self) -> list[tuple[Rule, Match]]:
        """Each rule with its match, the strongest first."""
        found = []
        for case in self._cases.values():
            if case.best is not None:
                score, place = case.best
                match = Match(
                    id=case.rule.id,
                    score=score,
                    threshold=case.rule.threshold,
                    detectors=dict(case.detectors),
                    view=place.view,
                    span=place.span,
                    message=place.message,
                )
                found.append((case.rule, match))
        return sorted(found, key=lambda pair: (-pair[1].score, pair[1].id))

    def touched(self, message: int) -> list[Span]:
        """The spans of a message that touch a rule, each rule's narrowest."""
        return [
            span
            for case in self._cases.values()
            for span in _narrowest(p.span for p in case.places if p.message == message)
        ]


def _narrowest(spans: Iterable[Span]) -> list[Span]:
    """The spans that hold no other one: a whole turn is close because a sentence of it is."""
    narrow: list[Span] = []
    # By start, longer first: a span that holds another one comes directly before one it holds.
    for span in sorted(dict.fromkeys(spans), key=lambda s: (s[0], -s[1])):
        while narrow and span[1] <= narrow[-1][1]:
            narrow.pop()
        narrow.append(span)
    return narrow
