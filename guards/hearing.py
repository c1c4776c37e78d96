"""One conversation before one rule set: what was said of which rule, and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from folding import fold
from guards.evidence import Evidence, Place, Sighting
from guards.names.hit import NameHit
from guards.rule import Rule
from guards.ruleset import RuleSet
from guards.talk.conversation import Conversation
from guards.talk.reference import Reading
from guards.talk.turn import Turn, Window
from guards.text.words import telling, words_of

CERTAIN = 0.9
"""Score from which an `auto` rule refuses; below it, it suppresses."""

RESOLVED = 4
"""Names of earlier turns that "she" is tried with, at most."""

_CARRIED = 0.85
"""Score of what an earlier turn lends: likely, never certain."""

_PLACES = 256
"""Places of one rule's full name that are remembered."""

_HINTS = 4096
"""Surnames and the like that are weighed, at most."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A name that is no match by itself, where it stands, and what it was said as (folded)."""

    hit: NameHit
    place: Place
    said: str


class Hearing:
    """What one conversation says, and the evidence in it; lives for one verdict.

    `guards.naming` fills it with names, `guards.closeness` with what is meant.
    """

    def __init__(self, conversation: Conversation, rules: RuleSet) -> None:
        self.evidence = Evidence()
        self.rules = rules
        self.messages = conversation.messages
        self.turn = Turn(conversation)
        self.mentioned: dict[str, tuple[Rule, str, int]] = {}
        """Rules named before the current turn, by id: the name as it was said last, and where."""
        self.matched: dict[str, Rule] = {}
        """Those of them for which the name alone matches."""
        self.named: dict[str, list[Place]] = {}
        """Where a full name stands in the current turn, by rule."""
        self.hints: list[Hint] = []
        self.in_code: list[Window] = []
        """Windows of what the current turn says in code."""
        self._readings: dict[str, Reading] = {}
        self._subjects: dict[str, frozenset[str]] = {}
        """Of blind rules, by id."""

    def name(self, hit: NameHit, place: Place) -> None:
        """Note a name that matches by itself."""
        limit, detectors = self.rules.thresholds.about, {hit.detector: 1.0}
        self.evidence.add(hit.rule, Sighting("name", 1.0, limit, place, detectors))

    def seen(self, hit: NameHit, place: Place) -> None:
        """Note where a full name stands in the current turn."""
        places = self.named.setdefault(hit.rule.id, [])
        if len(places) < _PLACES:
            places.append(place)
        if hit.sure:
            self.name(hit, place)

    def hint(self, hit: NameHit, place: Place, said: str) -> None:
        """Note what may name somebody."""
        if len(self.hints) < _HINTS:
            self.hints.append(Hint(hit, place, said))

    def mention(self, rule: Rule, said: str, number: int, sure: bool) -> None:
        """Note that an earlier message names a rule."""
        known = self.mentioned.pop(rule.id, None)  # the latest last
        self.mentioned[rule.id] = rule, said, max(number, known[2] if known else 0)
        if sure:
            self.matched[rule.id] = rule

    def recalled(self, rule: Rule) -> bool:
        """Whether the turn goes on with something in which a rule was named."""
        subject = self.subject(rule)
        named = self.mentioned[rule.id][2]
        return self.turn.goes_on(subject) and named >= self.turn.since(subject)

    def subject(self, rule: Rule) -> frozenset[str]:
        """The folded words of a rule's names, initials aside; of a blind one those that are said.

        No other makes a difference to a conversation.
        """
        if rule.blind is None:
            return frozenset(word for anchor in rule.anchors for word in telling(anchor))
        if rule.id not in self._subjects:
            self._subjects[rule.id] = rule.blind.of_subject(self._words)
        return self._subjects[rule.id]

    @cached_property
    def _words(self) -> frozenset[str]:
        every = (words_of(fold(message.text).text) for message in self.messages)
        return frozenset().union(*every)

    def carry(self, rule: Rule) -> None:
        """Note that an earlier turn lends its match to this one."""
        place, limit = self.turn.everything, self.rules.thresholds.about
        self.evidence.add(rule, Sighting("history", _CARRIED, limit, place, {"history": _CARRIED}))

    def read(self, text: str) -> Reading:
        """A text taken apart, once."""
        if text not in self._readings:
            self._readings[text] = Reading.of(text)
        return self._readings[text]
