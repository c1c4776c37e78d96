"""One conversation before one rule set: what speaks for which rule, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from guards.evidence import Evidence, Place, Sighting
from guards.meaning.similarity import best_cosine
from guards.names.phrases import NameHit, sightings
from guards.rule import Encode, Rule, Vectors
from guards.ruleset import RuleSet
from guards.talk.conversation import Conversation
from guards.talk.followup import RELATIONS, goes_on
from guards.talk.history import split_hits
from guards.talk.reference import Reading, speaks_of
from guards.talk.turn import Turn, Window, shortened
from guards.text.choose import windows
from guards.text.fold import fold
from guards.text.segment import Span, readable, sentences
from guards.text.views import views
from guards.text.words import telling
from guards.verdict import Kind

CERTAIN = 0.9
"""Score from which an `auto` rule refuses; below it, it suppresses."""

_CARRIED = 0.85
"""Score of what an earlier turn lends: likely, never certain."""

_RESOLVED = 4
"""Names of earlier turns that "she" is tried with, at most."""

_LONGEST = 100_000
"""Characters of a message up to which its sentences are told apart."""

_PLACES = 256
"""Places of one rule's full name that are remembered."""

_HINTS = 4096
"""Surnames and the like that are weighed, at most."""

_VIEWED = 16
"""Windows that are embedded of what a turn says in code."""


@dataclass(frozen=True, slots=True)
class _Hint:
    """A name that is no match by itself, where it stands, and what it was said as (folded)."""

    hit: NameHit
    place: Place
    said: str


class Hearing:
    """Collects the evidence of one conversation; lives for one verdict."""

    def __init__(self, conversation: Conversation, rules: RuleSet) -> None:
        self.evidence = Evidence()
        self._rules = rules
        self._messages = conversation.messages
        self._turn = Turn(conversation)
        self._readings: dict[str, Reading] = {}
        self._mentioned: dict[str, tuple[Rule, str, int]] = {}
        """Rules named before the current turn, by id: the name as it was said last, and where."""
        self._matched: dict[str, Rule] = {}
        """Those of them for which the name alone matches."""
        self._named: dict[str, list[Place]] = {}
        """Where a full name stands in the current turn, by rule."""
        self._hints: list[_Hint] = []
        self._in_code: list[Window] = []
        """Windows of what the current turn says in code."""

    def hear_names(self) -> None:
        """Phrases in the current turn, split over messages, or carried over from earlier ones."""
        for number, message in enumerate(self._messages):
            for hit, span, said, view in self._sightings(number, message.text):
                if number < self._turn.begin and hit.weight in (0, 1):
                    self._mention(hit.rule, said, number, hit.sure)
                    continue
                place = Place(number, span, view)
                if 0 < hit.weight < 1:
                    if len(self._hints) < _HINTS:
                        self._hints.append(_Hint(hit, place, said))
                    continue
                places = self._named.setdefault(hit.rule.id, [])
                if len(places) < _PLACES:
                    places.append(place)
                if hit.sure:
                    self._name(hit, place)
        self._hear_split_names()
        for rule in self._matched.values():
            if rule.id not in self.evidence and self._recalled(rule):
                self._carry(rule)

    def hear_meaning(self, encode: Encode) -> None:
        """Windows of the current turn that lie close to what a rule covers, or of earlier ones."""
        recalled = (
            said
            for rule, said, _ in reversed(self._mentioned.values())
            if rule.anchors and len(rule.asked) + len(rule.about) and self._recalled(rule)
        )
        names = list(islice(dict.fromkeys(recalled), _RESOLVED))
        asked = list(self._turn.windows(names, self._rules.weigh))
        known = {window.text for window in asked}
        asked += (window for window in self._in_code if window.text not in known)
        if not asked:
            return
        vectors = encode([window.text for window in asked])
        for rule, number, cosine in self._rules.find_asked(vectors):
            self._close(rule, asked[number], vectors[number], cosine, "asked")
        adapted = self._rules.adapter(vectors)
        for rule, number, cosine in self._rules.find_about(adapted):
            self._close(rule, asked[number], vectors[number], cosine, "about")
        self._weigh_hints(asked, vectors, adapted)

    def spans(self) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The sentences of the last user message that touch a rule, and those that touch none.

        A sentence that goes on with one that touches a rule ("And who is her sister?") does so
        itself.
        """
        text = self._messages[self._turn.asked].text
        parts = sentences(text) if len(text) <= _LONGEST else []
        touched = self.evidence.touched(self._turn.asked, parts)
        if not parts or touched is None:
            return (), ()
        matched = (rule for rule, _ in self.evidence.matches())
        subject = frozenset(
            word for rule in islice(matched, _RESOLVED) for word in subject_of(rule)
        )
        for number in range(1, len(parts)):
            if touched[number - 1] and not touched[number]:
                said = text[slice(*parts[number])]
                touched[number] = goes_on(said, self._read(said), subject)
        pairs = list(zip(parts, touched, strict=True))
        return tuple(p for p, hit in pairs if hit), tuple(p for p, hit in pairs if not hit)

    def _sightings(self, number: int, text: str) -> Iterator[tuple[NameHit, Span, str, str]]:
        """(hit, span in the message, the name as it was said, view): as written and in code."""
        for hit, (start, end) in sightings(text, self._rules.find_names):
            yield hit, (start, end), text[start:end], "folded"
        for view in views(text):
            if view.fluent and number >= self._turn.begin:
                for start, end in windows(view.text, _VIEWED, self._rules.weigh):
                    place = Place(number, view.span(start, end), view.name)
                    window = Window(place, readable(view.text[start:end]), view.text)
                    self._in_code.append(window)
            for hit, (start, end) in sightings(view.text, self._rules.find_names):
                yield hit, view.span(start, end), view.text[start:end], view.name

    def _name(self, hit: NameHit, place: Place) -> None:
        detectors = {hit.detector: 1.0}
        self.evidence.add(
            hit.rule, Sighting("name", 1.0, self._rules.thresholds.about, place, detectors)
        )

    def _carry(self, rule: Rule) -> None:
        place, limit = self._turn.everything, self._rules.thresholds.about
        self.evidence.add(rule, Sighting("history", _CARRIED, limit, place, {"history": _CARRIED}))

    def _close(
        self, rule: Rule, window: Window, vector: Vectors, cosine: float, kind: Kind
    ) -> None:
        """A window close enough to a rule, unless it is closer to what stays or means another."""
        if len(rule.retain) and best_cosine(rule.retain, vector) >= cosine:
            return
        if not self._meant(rule, window, cosine):
            return
        if window.place.view == "earlier":
            self._carry(rule)
            return
        limits = self._rules.thresholds
        limit = limits.asked if kind == "asked" else limits.about
        score = min(cosine, 1.0)
        self.evidence.add(rule, Sighting(kind, score, limit, window.place, {"cosine": score}))

    def _weigh_hints(self, asked: list[Window], vectors: Vectors, adapted: Vectors) -> None:
        """A surname and the closeness of its window to the subject, added up."""
        limit = self._rules.thresholds.about
        for hint in self._hints:
            rule, weight = hint.hit.rule, hint.hit.weight
            near = [n for n, window in enumerate(asked) if _concerns(window, hint)]
            if not near or not len(rule.about):
                continue
            cosine, number = max((best_cosine(rule.about, adapted[n]), n) for n in near)
            score = min(1.0, weight + cosine)
            if score < limit or (
                len(rule.retain) and best_cosine(rule.retain, vectors[number]) >= cosine
            ):
                continue
            if hint.place.message < self._turn.begin:
                if self._turn.goes_on(subject_of(rule)):
                    self._carry(rule)
                continue
            detectors = {hint.hit.detector: weight, "cosine": cosine}
            self.evidence.add(rule, Sighting("about", score, limit, hint.place, detectors))

    def _hear_split_names(self) -> None:
        """Names spread over messages: the user's own, or whatever stands side by side."""
        begin, roles = self._turn.begin, [message.role for message in self._messages]
        users = [i for i, role in enumerate(roles) if role == "user"]
        others = [i for i, role in enumerate(roles) if i >= begin or role != "assistant"]
        for numbers in dict.fromkeys((tuple(users), tuple(others))):
            texts = [self._messages[i].text for i in numbers]
            for hit, said, last, span in split_hits(texts, self._rules):
                if 0 < hit.weight < 1:
                    continue
                if numbers[last] < begin or not hit.sure:
                    self._mention(hit.rule, said, numbers[last], hit.sure)
                else:
                    self._name(hit, Place(numbers[last], span, "turns"))

    def _recalled(self, rule: Rule) -> bool:
        """Whether the turn goes on with something in which a rule was named."""
        subject = subject_of(rule)
        named = self._mentioned[rule.id][2]
        return self._turn.goes_on(subject) and named >= self._turn.since(subject)

    def _mention(self, rule: Rule, said: str, number: int, sure: bool) -> None:
        known = self._mentioned.pop(rule.id, None)  # the latest last
        self._mentioned[rule.id] = rule, said, max(number, known[2] if known else 0)
        if sure:
            self._matched[rule.id] = rule

    def _meant(self, rule: Rule, window: Window, cosine: float) -> bool:
        """Whether a close window can be about the rule's subject rather than a namesake.

        Where the filing names nobody, closeness is all there is. Otherwise words of the name
        that stand only within other names ("Tom Quell" for Mira Quell) speak against it,
        whatever the cosine, unless the full name stands there too; and a filing of some
        questions only needs the name somewhere in the turn, or in an earlier turn that this one
        refers back to, or a cosine beyond doubt.
        """
        if not rule.anchors:
            return True
        place = window.place
        earlier = place.view == "earlier"
        if place.view == "history":
            return rule.id in self._mentioned
        if not earlier and any(_within(seen, place) for seen in self._named.get(rule.id, ())):
            return True
        subject = subject_of(rule)
        # "Where Was Quell Born?": a capital makes no name of a word that the filing has too.
        no_names = RELATIONS.intersection(rule.words) if cosine >= CERTAIN else frozenset()
        named = speaks_of(self._read(window.text), subject, no_names)
        if named is not None:
            return named
        elsewhere = rule.id in (self._mentioned if earlier else self._named)
        if rule.whole_subject or cosine >= CERTAIN or elsewhere:
            return True
        return speaks_of(self._read(shortened(window.around)), subject) is True

    def _read(self, text: str) -> Reading:
        """A text taken apart, once."""
        if text not in self._readings:
            self._readings[text] = Reading.of(text)
        return self._readings[text]


def subject_of(rule: Rule) -> frozenset[str]:
    """The folded words of a rule's names, initials aside."""
    return frozenset(word for anchor in rule.anchors for word in telling(anchor))


def _within(inner: Place, outer: Place) -> bool:
    (a, b), (start, end) = inner.span, outer.span
    return inner.message == outer.message and start <= a and b <= end


def _concerns(window: Window, hint: _Hint) -> bool:
    """Whether a hint stands in a window; of an earlier message, by its words."""
    if window.place.view == "earlier":
        return fold(hint.said).text in fold(window.text).text
    (a, b), (start, end) = hint.place.span, window.place.span
    return window.place.message == hint.place.message and a < end and start < b
