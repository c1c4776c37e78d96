"""What a conversation means: windows that lie close to what rules cover."""

from __future__ import annotations

from itertools import islice

import numpy as np

from folding import fold
from guards.closeup import closeups
from guards.evidence import Place, Sighting
from guards.hearing import CERTAIN, RESOLVED, Hearing, Hint
from guards.meaning.similarity import best_cosine
from guards.rule import Encode, Rule, Vectors
from guards.talk.followup import RELATIONS
from guards.talk.reference import speaks_of
from guards.talk.turn import Window, shortened
from guards.verdict import Kind

_SAME = 0.98
"""Cosine from which a turn is a retained question itself, word for word or nearly so.

A long question with ", and her age?" behind it may reach .975.
"""


def hear_meaning(hearing: Hearing, encode: Encode) -> None:
    """Windows of the current turn that lie close to what a rule covers, or of earlier ones."""
    asked = _windows(hearing)
    if asked:
        near = list(closeups(hearing))
        vectors = encode([window.text for window in (*asked, *near)])
        _Meaning(hearing, asked, near, vectors).weigh()


def _windows(hearing: Hearing) -> list[Window]:
    recalled = (
        said
        for rule, said, _ in reversed(hearing.mentioned.values())
        if rule.named and len(rule.asked) + len(rule.about) and hearing.recalled(rule)
    )
    names = list(islice(dict.fromkeys(recalled), RESOLVED))
    asked = list(hearing.turn.windows(names, hearing.rules.weigh))
    known = {window.text for window in asked}
    return asked + [window for window in hearing.in_code if window.text not in known]


class _Meaning:
    """Some windows with their embeddings, before the rules; those near a name come last."""

    def __init__(
        self, hearing: Hearing, windows: list[Window], near: list[Window], vectors: Vectors
    ) -> None:
        self._hearing = hearing
        self._windows = windows
        self._around_names = [*windows, *near]
        """Also what only a surname is weighed by."""
        self._vectors = vectors
        self._adapted = hearing.rules.adapter(vectors)
        self._retained: dict[str, Vectors] = {}

    def weigh(self) -> None:
        """Note what every window says of every rule, then what must be answered all the same."""
        rules = self._hearing.rules
        count = len(self._windows)
        for rule, number, cosine in rules.find_asked(self._vectors[:count]):
            self._close(rule, number, cosine, "asked")
        for rule, number, cosine in rules.find_about(self._adapted[:count]):
            self._close(rule, number, cosine, "about")
        self._weigh_hints()
        self._free_retained()

    def _close(self, rule: Rule, number: int, cosine: float, kind: Kind) -> None:
        """A window close enough to a rule, unless it is closer to what stays or means another."""
        hearing, window = self._hearing, self._windows[number]
        if self._stays(rule, number, cosine, kind) or not _meant(hearing, rule, window, cosine):
            return
        if window.place.view == "earlier":
            hearing.carry(rule)
            return
        limits = hearing.rules.thresholds
        limit = limits.asked if kind == "asked" else limits.about
        score = min(cosine, 1.0)
        hearing.evidence.add(rule, Sighting(kind, score, limit, window.place, {"cosine": score}))

    def _weigh_hints(self) -> None:
        """A surname and the closeness of its window to the subject, added up."""
        hearing, limit = self._hearing, self._hearing.rules.thresholds.about
        for hint in hearing.hints:
            rule, weight = hint.hit.rule, hint.hit.weight
            near = [n for n, window in enumerate(self._around_names) if _concerns(window, hint)]
            if not near or not len(rule.about):
                continue
            cosine, number = max((best_cosine(rule.about, self._adapted[n]), n) for n in near)
            score = min(1.0, weight + cosine)
            if score < limit or self._stays(rule, number, cosine, "about"):
                continue
            if hint.place.message < hearing.turn.begin:
                if hearing.turn.goes_on(hearing.subject(rule)):
                    hearing.carry(rule)
                continue
            detectors = {hint.hit.detector: weight, "cosine": cosine}
            hearing.evidence.add(rule, Sighting("about", score, limit, hint.place, detectors))

    def _stays(self, rule: Rule, number: int, cosine: float, kind: Kind) -> bool:
        """Whether a window is as close to what the rule retains, by the same measure."""
        if not len(rule.retain):
            return False
        if kind == "asked":
            return best_cosine(rule.retain, self._vectors[number]) >= cosine
        if rule.id not in self._retained:
            retain = rule.retain.astype(np.float32)
            self._retained[rule.id] = self._hearing.rules.adapter(retain)
        return best_cosine(self._retained[rule.id], self._adapted[number]) >= cosine

    def _free_retained(self) -> None:
        """Take back the matches of a turn that is nothing but a question to be answered.

        Also those by name: whoever filed says so in so many words. Only where the whole turn is
        that question: nothing may hide beside it.
        """
        hearing = self._hearing
        if self._windows[0].place.view != "text" or hearing.in_code:
            return
        if sum(window.place.view == "text" for window in self._windows) > 1:
            return
        for rule, _ in hearing.evidence.matches():
            if len(rule.retain) and best_cosine(rule.retain, self._vectors[0]) >= _SAME:
                hearing.evidence.discard(rule)


def _meant(hearing: Hearing, rule: Rule, window: Window, cosine: float) -> bool:
    """Whether a close window can be about the rule's subject rather than a namesake.

    Where the filing names nobody, closeness is all there is. Otherwise words of the name
    that stand only within other names ("Tom Quell" for Mira Quell) speak against it,
    whatever the cosine, unless the full name stands there too; and a filing of some
    questions only needs the name somewhere in the turn, or in an earlier turn that this one
    refers back to, or a cosine beyond doubt.
    """
    if not rule.named:
        return True
    place = window.place
    earlier = place.view == "earlier"
    if place.view == "history":
        return rule.id in hearing.mentioned
    if not earlier and any(_within(seen, place) for seen in hearing.named.get(rule.id, ())):
        return True
    subject = hearing.subject(rule)
    # "Where Was Quell Born?": a capital makes no name of a word that the filing has too.
    no_names = _relations(rule) if cosine >= CERTAIN else frozenset()
    named = speaks_of(hearing.read(window.text), subject, no_names)
    if named is not None:
        return named
    elsewhere = rule.id in (hearing.mentioned if earlier else hearing.named)
    if rule.whole_subject or cosine >= CERTAIN or elsewhere:
        return True
    return speaks_of(hearing.read(shortened(window.around)), subject) is True


def _relations(rule: Rule) -> frozenset[str]:
    """The covered texts' words for what somebody is or does."""
    return RELATIONS.intersection(rule.words) if rule.blind is None else rule.blind.filed(RELATIONS)


def _within(inner: Place, outer: Place) -> bool:
    (a, b), (start, end) = inner.span, outer.span
    return inner.message == outer.message and start <= a and b <= end


def _concerns(window: Window, hint: Hint) -> bool:
    """Whether a hint stands in a window; of an earlier message, by its words."""
    if window.place.view == "earlier":
        return fold(hint.said).text in fold(window.text).text
    (a, b), (start, end) = hint.place.span, window.place.span
    return window.place.message == hint.place.message and a < end and start < b
