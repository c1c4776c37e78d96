"""The one boundary rule: where a phrase may begin and end in a folded text."""

from __future__ import annotations

import re
import unicodedata

_ENDING = re.compile(r"'s|'|s'?")
_ENDING_AFTER_HISS = re.compile(r"'s|'|s'?|es'?")
_HISS = ("s", "x", "z", "ch", "sh")

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
"""Scripts that set no space between words, and Hangul, whose particles join the name."""


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the phrase at [start, end) of a folded text begins and ends at word boundaries.

    A phrase that begins or ends with a letter or digit must not continue into one; possessive
    and plural endings count as the word ("Ann's", "Quells", "Joneses"; not "Annual"). Between
    characters of scripts written without spaces every place is a boundary.
    """
    if start > 0 and _joined(text[start - 1], text[start]):
        return False
    if end == len(text):
        return True
    following = text[end]
    # The rest of a letter: without it, another letter.
    if unicodedata.category(following) == "Mn" or "\u1160" <= following <= "\u11ff":
        return False
    last = text[end - 1]
    if not _wordy(last):
        return True
    pattern = _ENDING_AFTER_HISS if text.endswith(_HISS, start, end) else _ENDING
    ending = pattern.match(text, end)
    if ending and (ending.end() == len(text) or not _wordy(text[ending.end()])):
        return True
    return not _joined(last, following)


def stands_in(text: str, phrase: str) -> bool:
    """Whether a folded phrase stands anywhere in a folded text, between word boundaries."""
    start = text.find(phrase)
    while start >= 0 and not stands_alone(text, start, start + len(phrase)):
        start = text.find(phrase, start + 1)
    return start >= 0


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters stand in one word."""
    if not (_wordy(left) and _wordy(right)):
        return False
    return not (UNSPACED.match(left) or UNSPACED.match(right))


def _wordy(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc"}
