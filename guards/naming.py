"""Who is named in a conversation, as written and in code, now or before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from guards.evidence import Place
from guards.hearing import Hearing
from guards.names.hit import NameHit
from guards.names.views import sightings
from guards.ruleset import RuleSet
from guards.talk.history import split_hits
from guards.talk.turn import Window
from guards.text.choose import windows
from guards.text.segment import Span, readable
from guards.text.views import View, views

_VIEWED = 16
"""Windows that are embedded of what a turn says in code."""


def hear_names(hearing: Hearing) -> None:
    """Phrases in the current turn, split over messages, or carried over from earlier ones."""
    begin = hearing.turn.begin
    for number, message in enumerate(hearing.messages):
        for view in chain((None,), views(message.text)):
            if view is not None and view.fluent and number >= begin:
                hearing.in_code += _in_code(hearing, number, view)
            for hit, span, said in named_in(message.text, view, hearing.rules):
                place = Place(number, span, "folded" if view is None else view.name)
                if number < begin and hit.weight in (0, 1):
                    hearing.mention(hit.rule, said, number, hit.sure)
                elif 0 < hit.weight < 1:
                    hearing.hint(hit, place, said)
                else:
                    hearing.seen(hit, place)
    _hear_split_names(hearing)
    for rule in hearing.matched.values():
        if rule.id not in hearing.evidence and hearing.recalled(rule):
            hearing.carry(rule)


def named_in(text: str, view: View | None, rules: RuleSet) -> Iterator[tuple[NameHit, Span, str]]:
    """(hit, span in the text, the name as it was said) of a text, or of one of its `views`."""
    read = text if view is None else view.text
    for hit, (start, end) in sightings(read, rules.find_names):
        span = (start, end) if view is None else view.span(start, end)
        yield hit, span, read[start:end]


def _in_code(hearing: Hearing, number: int, view: View) -> Iterator[Window]:
    for start, end in windows(view.text, _VIEWED, hearing.rules.weigh):
        place = Place(number, view.span(start, end), view.name)
        yield Window(place, readable(view.text[start:end]), view.text)


def _hear_split_names(hearing: Hearing) -> None:
    """Names spread over messages: the user's own, or whatever stands side by side."""
    begin, roles = hearing.turn.begin, [message.role for message in hearing.messages]
    users = [i for i, role in enumerate(roles) if role == "user"]
    others = [i for i, role in enumerate(roles) if i >= begin or role != "assistant"]
    for numbers in dict.fromkeys((tuple(users), tuple(others))):
        texts = [hearing.messages[i].text for i in numbers]
        for hit, said, last, span in split_hits(texts, hearing.rules):
            if 0 < hit.weight < 1:
                continue
            if numbers[last] < begin or not hit.sure:
                hearing.mention(hit.rule, said, numbers[last], hit.sure)
            else:
                hearing.name(hit, Place(numbers[last], span, "turns"))
