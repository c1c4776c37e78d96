"""Texts that name nothing: patterns, single characters, short numbers."""

from __future__ import annotations

import re

from guards.plausible.common import words_of

_PATTERN = re.compile(
    r"\.[*+]|\\[wWdDsSbB]|\[\^?\w-\w|\(\?|\w\|\w"  # a regular expression
    r"|[^\W\d_][*%]+$|^[*%][^\W\d_]+[*%]$|^%\w|^\^"  # what stands for any ending or beginning
)
_SHORT_NUMBER = 5
"""Digits below which a number is a year, a page, an amount."""


def is_pattern(text: str) -> bool:
    """Whether a text looks like a wildcard or a regular expression ("Mir*", ".*", "%quell%").

    Signs within a name ("M*A*S*H", "P!nk", "A$AP") are none.
    """
    return bool(_PATTERN.search(text.strip()))


def too_short(text: str) -> bool:
    """Whether a text is a single character, or nothing but a few digits."""
    joined = "".join(words_of(text))
    return len(joined) < 2 or (joined.isdigit() and len(joined) < _SHORT_NUMBER)
