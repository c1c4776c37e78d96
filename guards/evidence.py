"""What speaks for each rule while a conversation is judged, and where."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from guards.rule import Action, Rule
from guards.text.segment import Span
from guards.verdict import Kind, Match

_PLACES = 1024
"""Places that are kept of one rule: a name can stand in a prompt half a million times."""

_MARGIN = 0.05
"""What the score of a part may lack of that of the whole and still explain it."""


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
    places: list[tuple[Place, float]] = field(default_factory=list)
    """With the score that was reached there."""


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
            case.places.append((seen.place, seen.score))
        if seen.score > case.best.score:
            case.best = seen

    def discard(self, rule: Rule) -> None:
        """Forget that a rule was seen."""
        self._cases.pop(rule.id, None)

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
        """Of each part of a message, one or more in order, whether an enforced rule was seen in it.

        A rule counts where it was seen most narrowly. None once places were dropped.
        """
        cases = [c for c in self._cases.values() if c.rule.action is not Action.OBSERVE]
        if any(len(case.places) >= _PLACES for case in cases):
            return None
        starts, ends = [start for start, _ in parts], [end for _, end in parts]
        found = [False] * len(parts)
        for case in cases:
            seen = []
            for place, score in case.places:
                if place.message == message:
                    first = min(bisect_right(ends, place.span[0]), len(parts) - 1)
                    last = max(bisect_left(starts, place.span[1]), first + 1)
                    seen.append((range(first, last), score))
            for number in _narrowly(seen):
                found[number] = True
        return found


def _narrowly(seen: Iterable[tuple[range, float]]) -> Collection[int]:
    """The parts in which a rule was seen, from the runs of parts where it was and its scores.

    A whole turn is close because a part of it is; unless it is the closer one.
    """
    best: dict[int, float] = {}
    for parts, score in sorted(seen, key=lambda place: (len(place[0]), -place[1])):
        if len(parts) == 1 or not any(best.get(n, 0.0) >= score - _MARGIN for n in parts):
            for number in parts:
                best[number] = max(score, best.get(number, 0.0))
    return best
