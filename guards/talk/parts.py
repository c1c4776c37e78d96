"""Names that nobody wrote in one piece: told part by part, or corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from folding import fold
from guards.text.segment import Span
from guards.text.words import telling

_READ = 1 << 13
"""Characters of a text in which parts are looked for."""
_PARTS = 16
"""Parts of one text that are looked at."""
_NEAR = 40
_CUES = frozenset(
    "name names named called first last given family surname full his her vorname nachname heißt "
    "prénom nom appelle nombre apellido llama cognome chiama person woman man writer".split()
)
_CALLED = re.compile(
    r"\b(?:(?:sur)?name[ds]?|called|vorname|nachname|heißt|prénom|nom|s'appelle|nombre|apellido|"
    r"se llama|cognome|si chiama)\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"(?<=[\s,;.:(–—-])(?:no|sorry|i mean|i meant|rather|correction|pardon|nein|ich meine|non|"
    r"perdón|quiero decir|scusa|cioè)\b[\s,;.:–—-]*+(?:i mean(?:t)?\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pieced:
    """A name as it is meant, where its second part begins, and where that was said."""

    name: str
    seam: int
    text: int
    span: Span


def pieced(texts: Sequence[str]) -> Iterator[Pieced]:
    """What names in some texts, oldest first, may come to; linear in their length.

    "Her first name is Mira." … "The surname: Quell." and "Tom Quell — no, Mira — wrote it" both
    give "Mira Quell", beside what no name is.
    """
    told: list[tuple[str, int, Span]] = []
    for number, text in enumerate(texts):
        read = text[:_READ]
        for match in islice(_CALLED.finditer(read), _PARTS):
            # "Quell is the family name" tells before the cue, "called Quell" behind it.
            start, end = max(0, match.start() - _NEAR), match.end() + _NEAR
            words = [word for word in _words(text[start:end]) if word not in _CUES]
            told.append((" ".join(words), number, (start, min(end, len(text)))))
        for match in islice(_CORRECTION.finditer(read), _PARTS):
            before = _words(text[max(0, match.start() - _NEAR) : match.start()])[-2:]
            after = _words(text[match.end() : match.end() + _NEAR])[:1]
            if len(before) == 2 and after:
                yield _pieced(after[0], before[1], number, match.span())
                yield _pieced(before[0], after[0], number, match.span())
    for (one, _, _), (other, number, span) in pairwise(told[-_PARTS:]):
        yield _pieced(one, other, number, span)
        yield _pieced(other, one, number, span)


def _pieced(one: str, other: str, text: int, span: Span) -> Pieced:
    # As names are written: capitals are looked at.
    return Pieced(f"{one} {other}".title(), len(one), text, span)


def _words(text: str) -> list[str]:
    return telling(fold(text).text)
