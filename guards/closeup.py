"""What stands directly around a surname in a long sentence.

A question that was pasted into the middle of another sentence has no window of its own, and what
surrounds it dilutes those that it shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from guards.evidence import Place
from guards.hearing import Hearing
from guards.talk.turn import Window
from guards.text.segment import Span, readable, sentences, words_in

_MOST = 8
"""Surnames that are looked at."""
_BEFORE, _BEHIND = 7, 10
"""Words around a surname that are read with it; a sentence of no more than these needs no other
window than its own."""
_REACH = 400
"""Characters on either side in which its sentence is looked for."""


def closeups(hearing: Hearing) -> Iterator[Window]:
    """A window around each of the first hints of the current turn that need one."""
    places = dict.fromkeys(
        hint.place for hint in hearing.hints if hint.place.message >= hearing.turn.begin
    )
    for place in islice(places, _MOST):
        text = hearing.messages[place.message].text
        span = _around(text, *place.span)
        if span is not None:
            near = Place(place.message, span, place.view)
            yield Window(near, readable(text[slice(*span)]), text)


def _around(text: str, start: int, end: int) -> Span | None:
    """The words around [start, end) in its sentence; None where that is short."""
    begin = max(0, start - _REACH)
    part = text[begin : end + _REACH]
    for first, last in sentences(part):
        if first <= start - begin < last:
            words = list(words_in(part, first, last))
            if len(words) <= _BEFORE + 1 + _BEHIND:
                return None
            at = next((n for n, (_, stop) in enumerate(words) if stop > start - begin), 0)
            near = words[max(0, at - _BEFORE) : at + 1 + _BEHIND]
            return begin + near[0][0], begin + near[-1][1]
    return None
