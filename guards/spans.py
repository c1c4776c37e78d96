"""The last user message in parts: what of it touches a rule, and what could be answered."""

from __future__ import annotations

from itertools import islice

from guards.hearing import RESOLVED, Hearing
from guards.talk.followup import Link, link
from guards.talk.persons import names_somebody
from guards.talk.reference import points_back
from guards.talk.turn import shortened
from guards.text.questions import questions
from guards.text.segment import Span

_LONGEST = 100_000
"""Characters of a message up to which its parts are told apart."""
_BRIEF = 6
"""Words of a part up to which it can need what was asked before it ("In which city?")."""


def told_apart(hearing: Hearing) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The sentences and questions of the last user message that touch a rule, and the others.

    One that goes on with another that touches a rule ("And who is her sister?") does so itself,
    and so does one whose "she" only the next one explains. None of a message that is very long.
    """
    text = hearing.messages[hearing.turn.asked].text
    parts = questions(text) if len(text) <= _LONGEST else []
    touched = hearing.evidence.touched(hearing.turn.asked, parts) if parts else None
    if touched is None:
        return (), ()
    if any(touched):
        touched = _following(hearing, [shortened(text[a:b]) for a, b in parts], touched)
    pairs = list(zip(parts, touched, strict=True))
    return tuple(p for p, hit in pairs if hit), tuple(p for p, hit in pairs if not hit)


def _following(hearing: Hearing, texts: list[str], touched: list[bool]) -> list[bool]:
    """The parts that touch a rule, with those that can only be understood by one of them."""
    rules = (rule for rule, _ in hearing.evidence.matches())
    subject = frozenset(word for rule in islice(rules, RESOLVED) for word in hearing.subject(rule))
    found = list(touched)
    first = touched.index(True)
    if first and not any(names_somebody(hearing.read(text)) for text in texts[:first]):
        # "Where was she born? I mean Mira Quell."
        found[:first] = (points_back(hearing.read(text), subject) for text in texts[:first])
    person = topic = False  # whether "she", and what was asked last, touch a rule
    for number in range(first, len(texts)):
        if touched[number]:
            person = topic = True
            continue
        read = hearing.read(texts[number])
        how = link(texts[number], read, subject)
        if how is Link.APART:
            topic = False
            person = person and not names_somebody(read)
        elif how in (Link.PERSON, Link.SEVERAL):
            found[number] = person
        else:
            brief = how is not Link.TOPIC or len(read.words) <= _BRIEF
            found[number] = how is Link.ANY or (topic and brief)
    return found
