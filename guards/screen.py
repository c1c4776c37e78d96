"""The verdict on a conversation: names, meaning, history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guards.conversation import Conversation
from guards.evidence import Evidence, Place
from guards.history import split_hits
from guards.names import name_view
from guards.reference import Reading, refers_back, speaks_of
from guards.rule import Action, Encode, Rule
from guards.ruleset import RuleSet
from guards.segment import Span, readable, sentences, windows
from guards.verdict import Outcome, Verdict

CERTAIN = 0.9
"""Score from which an `auto` rule refuses; below it, it suppresses."""

_CARRIED = 0.85
"""Score of a name that an earlier turn lends: likely, never certain."""

_RESOLVED = 4
"""Names of earlier turns that "she" is tried with, at most."""


@dataclass(frozen=True, slots=True)
class _Window:
    """A text to embed, and where it stands."""

    place: Place
    text: str


def screen(conversation: Conversation, rules: RuleSet, encode: Encode) -> Verdict:
    """Judge the current turn of a conversation, with what earlier turns lend to it.

    A phrase at word boundaries matches with score 1; a window matches when its cosine to what a
    rule covers reaches the rule's threshold (CURaTE, arXiv 2604.14644) and it lies no closer to
    what the rule retains; a name in an earlier turn matches when the current turn refers back.
    Texts are embedded in one call, none when there are no rules. Errors of the encoder
    propagate: what could not be judged must not be served.
    """
    if not rules.rules or not conversation.messages:
        return Verdict("allow", rules.revision)
    hearing = _Hearing(conversation, rules)
    hearing.hear_names()
    hearing.hear_meaning(encode)
    found = hearing.evidence.matches()
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
        self._turn = conversation.turn
        self._now = conversation.messages[conversation.turn].text
        self._views = [name_view(message.text) for message in conversation.messages]
        self._readings: dict[str, Reading] = {}
        self._mentioned: dict[str, tuple[Rule, str]] = {}
        """Rules named before the current turn, by id, with the name as it was said."""

    def hear_names(self) -> None:
        """Phrases in the current turn, split over turns, or carried over from earlier ones."""
        for number, view in enumerate(self._views):
            for hit in self._rules.find_names(view.text):
                span = view.span(hit.start, hit.end)
                if number < self._turn:
                    said = self._messages[number].text[slice(*span)]
                    self._mentioned[hit.rule.id] = hit.rule, said
                elif hit.sure:
                    self.evidence.add(hit.rule, "name", 1.0, Place(number, span, "folded"))
        users = [i for i, message in enumerate(self._messages) if message.role == "user"]
        for hit, said, last, span in split_hits([self._views[i] for i in users], self._rules):
            if hit.sure and users[last] == self._turn:
                self.evidence.add(hit.rule, "name", 1.0, Place(self._turn, span, "turns"))
            else:
                self._mentioned[hit.rule.id] = hit.rule, said
        everything = Place(self._turn, (0, len(self._now)), "history")
        for rule in self._recalled():
            phrase_said = rule.whole_subject or (rule.phrases and not rule.anchors)
            if phrase_said and rule.id not in self.evidence:
                self.evidence.add(rule, "history", _CARRIED, everything)

    def hear_meaning(self, encode: Encode) -> None:
        """Windows of the current turn that lie close to what a rule covers."""
        asked = list(self._windows())
        if not asked:
            return
        vectors = encode([window.text for window in asked])
        for rule, number, cosine in self._rules.find_similar(vectors):
            if len(rule.retain) and float((rule.retain @ vectors[number]).max()) >= cosine:
                continue
            place = asked[number].place
            if self._meant(rule, place, cosine):
                self.evidence.add(rule, "cosine", min(cosine, 1.0), place)

    def clear(self) -> tuple[Span, ...]:
        """The sentences of the last user message that touch no rule."""
        touched = self.evidence.touched(self._turn)
        return tuple(
            (start, end)
            for start, end in sentences(self._now)
            if not any(a < end and start < b for a, b in touched)
        )

    def _recalled(self) -> Iterator[Rule]:
        """Rules named in earlier turns to which the current turn refers back."""
        for rule, _ in self._mentioned.values():
            if refers_back(self._read(self._now), _subject(rule)):
                yield rule

    def _windows(self) -> Iterator[_Window]:
        for number in range(self._turn, len(self._messages)):
            text = self._messages[number].text
            for span in windows(text):
                yield _Window(Place(number, span, "text"), readable(text[slice(*span)]))
        # The current turn once more, with the name that it means by "she".
        rules = (rule for rule in self._recalled() if rule.anchors and len(rule.vectors))
        names = list(dict.fromkeys(self._mentioned[rule.id][1] for rule in rules))
        for said in names[-_RESOLVED:]:
            for span in windows(self._now):
                text = readable(f"{said}: {self._now[slice(*span)]}")
                yield _Window(Place(self._turn, span, "history"), text)

    def _meant(self, rule: Rule, place: Place, cosine: float) -> bool:
        """Whether a close window can be about the rule's subject rather than a namesake.

        Where the filing names nobody, closeness is all there is. Otherwise words of the name
        that stand only within other names ("Tom Quell" for Mira Quell) speak against it,
        whatever the cosine; and a filing of some questions only needs the name somewhere in the
        turn, or in an earlier turn that this one refers back to, or a cosine beyond doubt.
        """
        if not rule.anchors:
            return True
        if place.view == "history":
            return rule.id in self._mentioned
        text = self._messages[place.message].text
        subject = _subject(rule)
        named = speaks_of(self._read(text[slice(*place.span)]), subject)
        if named is not None:
            return named
        if rule.whole_subject or cosine >= CERTAIN:
            return True
        return speaks_of(self._read(text), subject) is True

    def _read(self, text: str) -> Reading:
        """A text taken apart, once."""
        if text not in self._readings:
            self._readings[text] = Reading.of(text)
        return self._readings[text]


def _subject(rule: Rule) -> frozenset[str]:
    """The folded words of a rule's names, initials aside."""
    words = (word for anchor in rule.anchors for word in anchor.replace(".", " ").split())
    return frozenset(word for word in words if len(word) > 1)
