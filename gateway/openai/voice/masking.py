"""A question with a mark in place of everything in it that matched."""

from __future__ import annotations

import re
from collections.abc import Sequence

SUBJECT = "§"
"""Stands for what matched."""

_LONGEST = 200
"""Characters of a question that is looked at."""
_POSSESSIVE = re.compile(r"['’]?s\b|['’]")
_SPACES = re.compile(r"\s+")


def masked(text: str, spans: Sequence[tuple[int, int]]) -> str | None:
    """The one question that a text is, without its question mark and with one mark in it.

    `spans` are the [start, end) of what matched; a mark takes whole words, and shows a possessive
    as "§'s". None where the text is long, or does not hold exactly one place that matched.
    """
    if not spans or len(text) > _LONGEST or SUBJECT in text:
        return None
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    if sum(end - start for start, end in _joined(spans)) < end - start:
        return None
    if end > len(text):
        return None
    while start and _wordy(text[start - 1]):
        start -= 1
    while end > start and not _wordy(text[end - 1]):
        end -= 1
    ending = _POSSESSIVE.match(text, end)
    if ending:
        end = ending.end()
    if end < len(text) and _wordy(text[end]):
        return None  # the match ends inside a word
    mark = f"{SUBJECT}'s" if ending else SUBJECT
    whole = f"{text[:start]} {mark} {text[end:]}"
    return _SPACES.sub(" ", whole).strip().rstrip("?！？ ") or None


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap or touch made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _wordy(character: str) -> bool:
    return character.isalnum() or character == "_"
