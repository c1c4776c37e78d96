"""Probabilities of a reply's tokens: held with their text, rid of alternatives that would tell."""

from __future__ import annotations

from typing import Any

from guards.leak.filter import LeakFilter
from guards.leak.watch import Watch

_TELLING = 4
"""Characters of something forbidden from which its beginning already tells."""

Logprobs = dict[str, Any]
"""As the engine gives them: of a chat {"content": [an object for each token]}, of a completion
{"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}."""


def scrub(logprobs: Logprobs, watch: Watch, before: str) -> bool:
    """Remove the alternatives that would complete something forbidden, or clearly begin it.

    Gives whether there were any. `before` is the end of the text before the first token, with which
    something may have begun. The tokens themselves stay: they go out with their text or not at all.
    """
    text, removed = LeakFilter(watch), False
    text.feed(before)
    for entry in logprobs.get("content") or ():
        others = entry.get("top_logprobs") or []
        kept = [
            other
            for other in others
            if other["token"] == entry["token"] or not _tells(watch, text.pending + other["token"])
        ]
        if len(kept) < len(others):
            entry["top_logprobs"], removed = kept, True
        text.feed(entry["token"])
    tokens = logprobs.get("tokens") or ()
    for token, others in zip(tokens, logprobs.get("top_logprobs") or (), strict=False):
        for other in [name for name in others or () if name != token]:
            if _tells(watch, text.pending + other):
                del others[other]
                removed = True
        text.feed(token)
    return removed


class LogprobsQueue:
    """Those of one choice, held while any of its text is."""

    def __init__(self) -> None:
        self._held: list[Logprobs] = []

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


def _tells(watch: Watch, text: str) -> bool:
    probe = LeakFilter(watch)
    probe.feed(text)
    if probe.leak is None and probe.held < _TELLING:
        probe.flush()
    return probe.leak is not None or probe.held >= _TELLING
