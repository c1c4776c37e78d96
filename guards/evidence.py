"""What speaks for each rule while a conversation is judged, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from guards.rule import Action, Rule
from guards.text.segment import Span
from guards.verdict import Kind, Match

_PLACES = 1024
"""Places that are kept of one rule: a name can stand in a prompt half a million times."""


@dataclass(frozen=True, slots=True)
class Place:
    """[start, end) of a message's text, and the view in which something was seen there."""

    message: int
    span: Span
    view: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One piece of evidence: a score that reached its threshold at a place, and what made it."""

    kind: Kind
    score: float
    threshold: float
    place: Place
    detectors: Mapping[str, float]


@dataclass(slots=True)
class _Case:
    """What speaks for one rule: all detectors, the places, and the strongest sighting."""

    rule: Rule
    best: Sighting
    detectors: dict[str, float] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


class Evidence:
    """Collected for one verdict; each rule's strongest sighting becomes its match."""

    def __init__(self) -> None:
        self._cases: dict[str, _Case] = {}
        self.highest: dict[Kind, tuple[float, str]] = {}
        """Of each kind the highest score that was seen, and the id of its rule."""

    def add(self, rule: Rule, seen: Sighting) -> None:
        """Note that a rule was seen."""
        case = self._cases.setdefault(rule.id, _Case(rule, seen))
        for detector, value in seen.detectors.items():
            case.detectors[detector] = max(value, case.detectors.get(detector, 0.0))
        if seen.score > self.highest.get(seen.kind, (0.0, ""))[0]:
            self.highest[seen.kind] = seen.score, rule.id
        if len(case.places) < _PLACES:
            case.places.append(seen.place)
        if seen.score > case.best.score:
            case.best = seen

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._cases

    def matches(self) -> list[tuple[Rule, Match]]:
        """Each rule with its match, the strongest first."""
        found = []
        for case in self._cases.values():
            best = case.best
            match = Match(
                id=case.rule.id,
                score=best.score,
                threshold=best.threshold,
                kind=best.kind,
                detectors={"name": 0.0, "surname": 0.0, "cosine": 0.0} | case.detectors,
                view=best.place.view,
                span=best.place.span,
                message=best.place.message,
                enforced=case.rule.action is not Action.OBSERVE,
            )
            found.append((case.rule, match))
        return sorted(found, key=lambda pair: (-pair[1].score, pair[1].id))

    def touched(self, message: int, parts: Sequence[Span]) -> list[bool] | None:
        """Of each part of a message, in order, whether an enforced rule was seen in it.

        Linear in both. A rule counts where it was seen most narrowly. None once places were
        dropped.
        """
        cases = [c for c in self._cases.values() if c.rule.action is not Action.OBSERVE]
        if any(len(case.places) >= _PLACES for case in cases):
            return None
        seen = sorted(
            span
            for case in cases
            for span in _narrowest(p.span for p in case.places if p.message == message)
        )
        found = []
        reach, following = 0, 0  # how far the spans that begin before the part's end go
        for start, end in parts:
            while following < len(seen) and seen[following][0] < end:
                reach = max(reach, seen[following][1])
                following += 1
            found.append(reach > start)
        return found


def _narrowest(spans: Iterable[Span]) -> list[Span]:
    """The spans that hold no other one: a whole turn is close because a sentence of it is."""
    narrow: list[Span] = []
    # By start, longer first: a span that holds another one comes directly before one it holds.
    for span in sorted(dict.fromkeys(spans), key=lambda s: (s[0], -s[1])):
        while narrow and span[1] <= narrow[-1][1]:
            narrow.pop()
        narrow.append(span)
    return narrow
