"""Probabilities of a reply's tokens: held with their text, rid of alternatives that would tell."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from guards.leak.filter import LeakFilter

_TELLING = 4
"""Characters of something forbidden from which its beginning already tells."""

Logprobs = dict[str, Any]
"""As the engine gives them: of a chat {"content": [an object for each token]}, of a completion
{"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}."""


def scrub(logprobs: Logprobs, leaks: LeakFilter) -> None:
    """Remove the alternatives that would complete something forbidden, or clearly begin it.

    `leaks` has read the tokens before, and reads these: there may be more in them than in the text,
    such as a stop string, or reasoning that was not asked for.
    """
    for entry in logprobs.get("content") or ():
        if others := entry.get("top_logprobs"):
            entry["top_logprobs"] = [
                other
                for other in others
                if other["token"] == entry["token"] or not _tells(leaks, other["token"])
            ]
        leaks.feed(entry["token"])
    tokens = logprobs.get("tokens") or ()
    for token, others in zip_longest(tokens, logprobs.get("top_logprobs") or ()):
        for other in [name for name in others or () if name != token]:
            if _tells(leaks, other):
                del others[other]
        leaks.feed(token)


class LogprobsQueue:
    """Those of one choice, held while any of its text is."""

    def __init__(self) -> None:
        self._held: list[Logprobs] = []

    def __bool__(self) -> bool:
        return bool(self._held)

    def take(self, logprobs: Logprobs) -> None:
        """Add those of a piece of the text."""
        self._held.append(logprobs)

    def give(self) -> Logprobs | None:
        """All that was held, joined; None where nothing was."""
        held, self._held = self._held, []
        if len(held) < 2:
            return held[0] if held else None
        names = dict.fromkeys(name for each in held for name in each)
        return {name: [e for each in held for e in each.get(name) or ()] for name in names}


def _tells(leaks: LeakFilter, token: str) -> bool:
    probe = leaks.fork()
    probe.feed(token)
    if probe.leak is None and probe.held < _TELLING:
        probe.flush()
    return probe.leak is not None or probe.held >= _TELLING
