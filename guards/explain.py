"""Why a conversation is judged as it is: what was read in it, who was named, what lies near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from guards.names.views import name_view
from guards.naming import named_in
from guards.nearest import Near, nearest
from guards.rule import Encode, Vectors
from guards.ruleset import RuleSet
from guards.screen import screen
from guards.talk.conversation import Conversation
from guards.text.segment import Span
from guards.text.views import View, views
from guards.thresholds import Thresholds
from guards.verdict import Verdict

_VIEWS, _SHOWN = 64, 200
"""Readings that are told, and characters of each."""
_HITS = 256


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading of a message: its view, at most 200 characters of it, and whether it was embedded.

    The view "folded" is the message itself as names are looked for in it; it is embedded as it
    was written.
    """

    message: int
    view: str
    text: str = field(repr=False)
    embedded: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A name, or a part of one, at [start, end) of a message; see `guards.names.hit.NameHit`."""

    id: str
    detector: str
    weight: float
    message: int
    span: Span
    view: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on a conversation, and what led there; bounded, however long it is."""

    verdict: Verdict
    views: tuple[Seen, ...]
    hits: tuple[Hit, ...]
    thresholds: Thresholds
    nearest: tuple[Near, ...]


def explain(conversation: Conversation, rules: RuleSet, encode: Encode) -> Explanation:
    """Judge a conversation as `screen` does, and tell why.

    Takes a few times as long. Errors of the encoder propagate.
    """
    heard: list[Vectors] = []

    def listen(texts: Sequence[str]) -> Vectors:
        vectors = encode(texts)
        heard.append(vectors)
        return vectors

    verdict = screen(conversation, rules, listen)
    readings = [*islice(_readings(conversation), _VIEWS)]
    return Explanation(
        verdict=verdict,
        views=tuple(_seen(conversation, number, view) for number, view in readings),
        hits=tuple(islice(_hits(conversation, readings, rules), _HITS)),
        thresholds=rules.thresholds,
        nearest=nearest(heard[0], rules) if heard else (),
    )


def _readings(conversation: Conversation) -> Iterator[tuple[int, View | None]]:
    """(message, view), None for the message as it is; those of the current turn first."""
    numbers = range(len(conversation.messages))
    begin = conversation.turn
    for number in (*numbers[begin:], *reversed(numbers[:begin])):
        for view in chain((None,), views(conversation.messages[number].text)):
            yield number, view


def _seen(conversation: Conversation, number: int, view: View | None) -> Seen:
    current = number >= conversation.turn
    if view is not None:
        return Seen(number, view.name, view.text[:_SHOWN], current and view.fluent)
    text = conversation.messages[number].text[: 4 * _SHOWN]
    return Seen(number, "folded", name_view(text).text[:_SHOWN], current)


def _hits(
    conversation: Conversation, readings: Sequence[tuple[int, View | None]], rules: RuleSet
) -> Iterator[Hit]:
    for number, view in readings:
        name = "folded" if view is None else view.name
        for hit, span, _ in named_in(conversation.messages[number].text, view, rules):
            yield Hit(hit.rule.id, hit.detector, hit.weight, number, span, name)
