"""The verdict on a conversation: names, meaning, history."""

from __future__ import annotations

from itertools import chain, islice

from guards.evidence import Evidence, Place
from guards.names.phrases import sightings
from guards.rule import Action, Encode, Rule
from guards.ruleset import RuleSet
from guards.talk.conversation import Conversation
from guards.talk.followup import RELATIONS
from guards.talk.history import split_hits
from guards.talk.reference import Reading, speaks_of
from guards.talk.turn import Turn, Window, shortened
from guards.text.segment import Span, sentences
from guards.text.words import telling
from guards.verdict import Outcome, Verdict

CERTAIN = 0.9
"""Score from which an `auto` rule refuses; below it, it suppresses."""

_CARRIED = 0.85
"""Score of what an earlier turn lends: likely, never certain."""

_RESOLVED = 4
"""Names of earlier turns that "she" is tried with, at most."""

_LONGEST = 100_000
"""Characters of a message up to which its clear sentences are told."""

_PLACES = 256
"""Places of one rule's full name that are remembered."""


def screen(conversation: Conversation, rules: RuleSet, encode: Encode) -> Verdict:
    """Judge the current turn of a conversation, with what earlier turns lend to it.

    A phrase at word boundaries matches with score 1; a window matches when its cosine to what a
    rule covers reaches the rule's threshold (CURaTE, arXiv 2604.14644) and it lies no closer to
    what the rule retains; what matched before, or in the system prompt, matches on when the
    current turn has no subject of its own. Texts are embedded in one call, none when there are
    no rules. Errors of the encoder propagate: what could not be judged must not be served.
    """
    if not rules.rules or not conversation.messages:
        return Verdict("allow", rules.revision)
    hearing = _Hearing(conversation, rules)
    hearing.hear_names()
    hearing.hear_meaning(encode)
    found = hearing.evidence.matches(rules.thresholds)
    outcomes = {_outcome(rule.action, match.score) for rule, match in found}
    action: Outcome = "refuse" if "refuse" in outcomes else "suppress" if outcomes else "allow"
    return Verdict(action, rules.revision, tuple(m for _, m in found), hearing.clear())


def _outcome(action: Action, score: float) -> Outcome:
    if action is Action.REFUSE or (action is Action.AUTO and score >= CERTAIN):
        return "refuse"
    return "suppress"


class _Hearing:
    """One conversation before one rule set; lives for one call of `screen`."""

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

    def hear_names(self) -> None:
        """Phrases in the current turn, split over messages, or carried over from earlier ones."""
        for number, message in enumerate(self._messages):
            for hit, span in sightings(message.text, self._rules.find_names):
                if number < self._turn.begin:
                    self._mention(hit.rule, message.text[slice(*span)], number, hit.sure)
                    continue
                place = Place(number, span, "folded")
                places = self._named.setdefault(hit.rule.id, [])
                if len(places) < _PLACES:
                    places.append(place)
                if hit.sure:
                    self.evidence.add(hit.rule, "name", 1.0, place)
        self._hear_split_names()
        for rule in self._matched.values():
            if rule.id not in self.evidence and self._recalled(rule):
                self.evidence.add(rule, "history", _CARRIED, self._turn.everything)

    def hear_meaning(self, encode: Encode) -> None:
        """Windows of the current turn that lie close to what a rule covers, or of earlier ones."""
        recalled = (
            said
            for rule, said, _ in reversed(self._mentioned.values())
            if rule.anchors and len(rule.asked) + len(rule.about) and self._recalled(rule)
        )
        names = list(islice(dict.fromkeys(recalled), _RESOLVED))
        asked = list(self._turn.windows(names, self._rules.weigh))
        if not asked:
            return
        vectors = encode([window.text for window in asked])
        for rule, number, cosine in chain(
            self._rules.find_asked(vectors), self._rules.find_about(vectors)
        ):
            if len(rule.retain) and float((rule.retain @ vectors[number]).max()) >= cosine:
                continue
            window = asked[number]
            if not self._meant(rule, window, cosine):
                continue
            if window.place.view == "earlier":
                self.evidence.add(rule, "history", _CARRIED, self._turn.everything)
            else:
                self.evidence.add(rule, "cosine", min(cosine, 1.0), window.place)

    def clear(self) -> tuple[Span, ...]:
        """The sentences of the last user message that touch no rule."""
        text = self._messages[self._turn.asked].text
        if len(text) > _LONGEST:
            return ()
        return self.evidence.clear(self._turn.asked, sentences(text))

    def _hear_split_names(self) -> None:
        """Names spread over messages: the user's own, or whatever stands side by side."""
        begin, roles = self._turn.begin, [message.role for message in self._messages]
        users = [i for i, role in enumerate(roles) if role == "user"]
        others = [i for i, role in enumerate(roles) if i >= begin or role != "assistant"]
        for numbers in dict.fromkeys((tuple(users), tuple(others))):
            texts = [self._messages[i].text for i in numbers]
            for hit, said, last, span in split_hits(texts, self._rules):
                if numbers[last] < begin or not hit.sure:
                    self._mention(hit.rule, said, numbers[last], hit.sure)
                else:
                    self.evidence.add(hit.rule, "name", 1.0, Place(numbers[last], span, "turns"))

    def _recalled(self, rule: Rule) -> bool:
        """Whether the turn goes on with something in which a rule was named."""
        subject = _subject(rule)
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
        subject = _subject(rule)
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


def _within(inner: Place, outer: Place) -> bool:
    (a, b), (start, end) = inner.span, outer.span
    return inner.message == outer.message and start <= a and b <= end


def _subject(rule: Rule) -> frozenset[str]:
    """The folded words of a rule's names, initials aside."""
    return frozenset(word for anchor in rule.anchors for word in telling(anchor))
