"""What can be said, by language; the texts stand in `gateway/data/voice.yaml`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.openai.voice.written import written

DEFAULT = "en"
"""The language where none can be told."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's texts; `fitted` have a clause of the question's own words at `{}`.

    `name` is what the language is called in English.
    `broken` go on after a sentence that was cut, `after` after a whole one, `cell` fills a cell
    of a table.
    """

    name: str
    plain: tuple[str, ...]
    broken: tuple[str, ...]
    after: tuple[str, ...]
    cell: str
    fitted: tuple[str, ...] = ()


PHRASES = written("voice.yaml", Phrases)
WORDINGS = tuple(text for phrases in PHRASES.values() for text in phrases.plain)
"""Every whole reply that does not depend on the question."""

_FITTED = re.compile(
    "|".join(
        re.escape(text).replace(r"\{\}", r"[^.!?\n]{1,120}")
        for phrases in PHRASES.values()
        for text in phrases.fitted
    )
)


def is_own(text: str) -> bool:
    """Whether a whole reply could be one of these: plain, or fitted to some question."""
    return text in WORDINGS or _FITTED.fullmatch(text) is not None
