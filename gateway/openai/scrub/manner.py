"""How the choices of a reply are scrubbed, as far as it is the same for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.openai.scrub.channel import Prose
from guards.leak.watch import Watch

Ending = Callable[[str], str]
"""How a text that is stopped goes on to its end, given what of it went out."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the choices of a reply are scrubbed.

    `watch` is on what they may not say, `prose` makes what a text is read by, given what it goes on
    with; `finish_reason` and `ending` are of a choice that is stopped.
    `structured` says that the answer itself is to be JSON, `whole` that the reply is in one piece.
    """

    watch: Watch
    prose: Callable[[str], Prose]
    ending: Ending
    finish_reason: str = "stop"
    structured: bool = False
    whole: bool = False
