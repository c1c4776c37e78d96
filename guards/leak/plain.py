"""The form in which replies are compared with what must not be said."""

from __future__ import annotations

import re

from folding import UNSPACED, Folded, fold

LONGEST_WORD = 64
"""Characters of a word that are compared; what is longer is no word."""

_MARKUP = re.compile(r"[*_`~]")
_ASCII = {n: _MARKUP.sub(" ", fold(chr(n)).text) or None for n in range(128)}
_SPACES = re.compile(r"  +")
_UNSPACED_SET = UNSPACED.pattern
_SPACED = _UNSPACED_SET.replace("[", r"[^\W_", 1)
WORD = re.compile(rf"{_SPACED}+")
TOKEN = re.compile(rf"{_SPACED}+|{_UNSPACED_SET}|[^\w\s]")
"""What a phrase can begin with: a word, a character of a script without spaces, or a symbol."""
_ENDS = re.compile(r"^[\s.,;:!?…\"'“”«»()\[\]]+|[\s.,;:!?…\"'“”«»()\[\]]+$")


def plain(text: str) -> Folded:
    """The fold, in which what Markdown writes around words is a space too.

    "Mira **Quell**" and "Mira_Quell" read "mira quell". Without context, but that a run of spaces
    is one space: the pieces of a text give the pieces of its form. Whatever the fold shows to be
    the same is the same here.
    """
    if text.isascii():  # nearly always
        quick = text.translate(_ASCII)
        if len(quick) == len(text) and "  " not in quick:
            return Folded(quick, range(len(text) + 1))
    folded = fold(text)
    if not _MARKUP.search(folded.text):
        return folded
    blank = Folded(_MARKUP.sub(" ", folded.text), folded.offsets)
    return blank.shortened(_SPACES) if "  " in blank.text else blank


def phrase(text: str) -> str:
    """A forbidden string in that form; empty where nothing of it is left."""
    return plain(text).text.strip()


def value(text: str) -> str:
    """A value or an answer in that form, without the punctuation around it."""
    return _ENDS.sub("", phrase(text))
