"""How the parts of one message hang together: what asks, and what goes on with what."""

from __future__ import annotations

from collections.abc import Sequence

from guards.talk.followup import goes_on
from guards.talk.reading import Reading
from guards.talk.turn import shortened
from guards.text.questions import asks


def threads(parts: Sequence[str]) -> list[list[int]]:
    """The numbers of the parts that ask something, those that hang together in one thread.

    A part that can only be understood by what was said before it ("And how old was he then?")
    follows the one before; each other part begins a thread of its own.
    """
    found: list[list[int]] = []
    for number, part in enumerate(parts):
        if not asks(part):
            continue
        text = shortened(part)
        if found and goes_on(text, Reading.of(text), frozenset()):
            found[-1].append(number)
        else:
            found.append([number])
    return found
