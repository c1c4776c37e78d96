"""The views of a text in which names are looked for, of texts of any length."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from folding import Folded, fold
from guards.names.hit import Find, NameHit
from guards.text.segment import Span

_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_])\. ?")
_SPACES = re.compile(r"  +")
_SYMBOLS = (
    r"\x00-\x1f!-&(-/:-@\[-`{-~\xa1-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u060c\u061b\u061f"
    r"\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u30fb\U0001f000-\U0001faff"
)
"""Punctuation and symbols: named, because what is no letter includes Indic vowel signs."""
_LETTER = r"[^\W_]"
_NICKNAME = re.compile(
    # One to three words in quotes or brackets between two words: 'Mira "the Owl" Quell'.
    rf"[\"'“„«(\[](?<={_LETTER} .){_LETTER}+(?: {_LETTER}+){{0,2}}[\"'”“»)\]](?= {_LETTER})"
)
_BETWEEN = re.compile(
    # A symbol after a word, perhaps with a space between; but not the apostrophe of "O'Brien".
    rf"[{_SYMBOLS}'](?:(?<={_LETTER}.)|(?<={_LETTER} .))(?!(?<={_LETTER}'){_LETTER})"
    rf"(?:[ {_SYMBOLS}]|'(?!{_LETTER})|(?<!{_LETTER})')*(?={_LETTER})",
    re.DOTALL,
)
_RUN = re.compile(rf"([{_SYMBOLS}][ {_SYMBOLS}]{{8}})[ {_SYMBOLS}]+")
"""Padding of which only the beginning is kept: it must not push a name out of a view's end."""

_PIECE = 1 << 15
_TAIL = 4096
"""More than any phrase has characters when folded: what two pieces of a text share."""
_ENDING = 32
"""Characters that decide what a phrase is: its possessive or plural, and the word that follows."""


def name_view(text: str) -> Folded:
    """The folded text, the dot after an initial taken for a space.

    "M. Quell", "M.Quell" and "M Quell" become the same.
    """
    return _initials(fold(text))


def loose_view(text: str) -> Folded:
    """The `name_view`, whatever else stands between two words taken for a space.

    "Mira_Quell", "Mira/Quell", "Mira + Quell" and 'Mira "Mimi" Quell' become "mira quell".
    """
    return _loosened(name_view(text))


def sightings(text: str, find: Find) -> Iterator[tuple[NameHit, Span]]:
    """What `find` sees in a text of any length, each with its [start, end) in that text.

    A text is looked at in both views: the strict one knows phrases such as "C++". A long one is
    taken piece by piece, each with the end of the folded one before it, so that memory stays
    bounded and no padding can part a name.
    """
    if len(text) <= _PIECE:
        strict = name_view(text)
        loose = _loosened(strict)
        for view in (strict,) if loose is strict else (strict, loose):
            for hit in find(view, text, view is not strict):
                yield hit, view.span(hit.start, hit.end)
        return
    strict = loose = Folded("", range(1))
    for begin in range(0, len(text), _PIECE):
        piece = fold(text[begin : begin + _PIECE])
        offsets = np.asarray(piece.offsets, np.uint32) + np.uint32(begin)
        last = begin + _PIECE >= len(text)
        strict = _initials(_after(strict, piece.text, offsets))
        loose = _loosened(_initials(_after(loose, piece.text, offsets).shortened(_RUN, "")))
        for view in (strict,) if loose.text == strict.text else (strict, loose):
            known = len(view.text) if last else len(view.text) - _ENDING
            for hit in find(view, text, view is not strict):
                # Where the view is cut, a part of a word looks like a whole one.
                if hit.end <= known and (hit.start > 0 or begin == 0):
                    yield hit, view.span(hit.start, hit.end)


def _after(before: Folded, text: str, offsets: NDArray[np.uint32]) -> Folded:
    """The end of a view, and what follows it."""
    joined = array("I", before.offsets[:-1][-_TAIL:])
    joined.frombytes(offsets.tobytes())
    return Folded(before.text[-_TAIL:] + text, joined).shortened(_SPACES)


def _initials(folded: Folded) -> Folded:
    return folded.shortened(_INITIAL) if "." in folded.text else folded


def _loosened(folded: Folded) -> Folded:
    loose = folded.shortened(_NICKNAME).shortened(_BETWEEN)
    return loose if loose is folded else loose.shortened(_SPACES)
