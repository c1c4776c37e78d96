"""A mixed prompt in parts: which are put to the engine, with what, and which are not known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.openai.judging import Span
from guards import asks, threads

MOST_PARTS = 8
"""Parts that a prompt is told apart into at most."""

_MARK = re.compile(r"(?:\(?(?:[0-9]{1,2}|[a-z])[.)]|[-*•–])\s+")
"""What an item of a list begins with; it means nothing to a part that stands alone."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part that asks something: its number among them, from 1, and its text.

    `text` holds what stands beside the questions too ("Answer in French."). `goes_on` tells that
    it can only be understood by the part before it.
    """

    number: int
    text: str = field(repr=False)
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts to be answered, in order, and the numbers of those that are not known.

    `unknown` is empty where only what asks nothing was touched. `together` is all that is to be
    answered as one text; `lines` tells that the parts stand on lines of their own.
    """

    parts: tuple[Part, ...]
    unknown: tuple[int, ...]
    together: str = field(repr=False)
    lines: bool


def plan_of(text: str, touched: tuple[Span, ...], clear: tuple[Span, ...]) -> Plan | None:
    """The plan for a message; None where nothing of it can be answered by itself."""
    spans = sorted((*touched, *clear))
    if not touched or not clear or len(spans) > MOST_PARTS:
        return None
    texts = [_unmarked(text[a:b]) for a, b in spans]
    asking = [number for number, part in enumerate(texts) if asks(part)]
    known = [number for number, span in enumerate(spans) if span in clear]
    beside = [number for number in known if number not in asking]
    parts = []
    for thread in threads([texts[number] for number in known]):
        for place, index in enumerate(thread):
            number = known[index]
            said = sorted({number} if place else {number, *beside})
            part = "\n".join(texts[n] for n in said)
            parts.append(Part(asking.index(number) + 1, part, goes_on=place > 0))
    if not parts:
        return None
    return Plan(
        parts=tuple(parts),
        unknown=tuple(asking.index(n) + 1 for n in asking if n not in known),
        together="\n".join(texts[number] for number in known),
        lines="\n" in text[spans[0][0] : spans[-1][1]],
    )


def _unmarked(part: str) -> str:
    mark = _MARK.match(part)
    return part[mark.end() :] if mark else part
