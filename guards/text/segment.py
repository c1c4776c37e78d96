"""Sentences and windows of a text, by their [start, end) in it.

Scored one by one, so that filler around a question cannot dilute it; their number is bounded,
and with it the cost of a prompt of any length (see `guards.text.choose`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import islice

from folding import fold

Span = tuple[int, int]

_SHORT_TURN = 48
_LONG_SENTENCE = 48
_WINDOW, _STEP = 32, 16
_FEW_WORDS = 3

# Each run is tried once, at its first character: linear also in "!!!!…" and in blank lines.
_END = re.compile(
    r"(?<![.!?…؟।])[.!?…؟।]++[\"'”’»)\]]*+(?:(?=\s)|(?<=[!?؟])(?=[A-Z¿]))|[。！？]++|\n\s*+"
)
_ITEM = re.compile(r"(?<!\S)(?:\(?([0-9]{1,2}|[a-z])[.)]|•)(?=\s)")
"""What an item of a list begins with: "2." or "(b)"."""
_UNIT = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]|[^\s\u3040-\u9fff\uac00-\ud7af]{1,40}")
_WORD_BEFORE_DOT = re.compile(r"([^\W_]+)\.$")
_ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st jr sr vs no vol fig etc approx ca bzw sig dott mme mlle sra".split()
)


def sentences(text: str) -> list[Span]:
    """The sentences of a text and the items of its lists, without what stands around them.

    Initials and common abbreviations end no sentence; one of fewer than three words joins the
    next one ("Hi. Where …"), or the last before it.
    """
    found: list[Span] = []
    items = dict(_items(text))
    begin = items.get(0, 0)
    ends = {m.end() for m in _END.finditer(text) if not _abbreviates(text, m)}
    ends -= set(items.values())  # the dot of "2." ends nothing
    for end in sorted(ends | items.keys() | {len(text)}):
        span = _stripped(text, begin, end)
        if span is not None and (_enough(text, *span) or end == len(text)):
            if found and not _enough(text, *span):
                span = (found.pop()[0], span[1])
            found.append(span)
            begin = end
        if begin == end or span is None:
            begin = items.get(end, end)
    last = _stripped(text, begin, len(text))
    if last is not None and found:
        found[-1] = (found[-1][0], last[1])
    return found


def ends(text: str) -> Iterator[int]:
    """Where sentences end within a text, or at its end where something follows a line."""
    return (end.end() for end in _END.finditer(text) if not _abbreviates(text, end))


def slices(text: str, cut: Callable[[str], list[Span]] | None = None) -> list[Span]:
    """All of a text when it is short, each of its sentences, and slices of the long ones.

    A text of one short sentence is one window. `cut` tells apart something else than sentences.
    """
    found: dict[Span, None] = {}
    parts = (cut or sentences)(text)
    whole = (parts[0][0], parts[-1][1]) if parts else None
    if whole and len(list(islice(words_in(text, *whole), _SHORT_TURN + 1))) <= _SHORT_TURN:
        found[whole] = None
    for start, end in parts:
        units = list(words_in(text, start, end))
        if len(units) <= _LONG_SENTENCE:
            found[start, end] = None
            continue
        for first in range(0, len(units) - _WINDOW + _STEP, _STEP):
            inside = units[first : first + _WINDOW]
            found[inside[0][0], inside[-1][1]] = None
    return list(found)


def readable(text: str) -> str:
    """What of a text is embedded: itself, or its Latin reading where it only looks foreign.

    "Mirа" with a Cyrillic letter is read as "mira"; a text that has real foreign words stays,
    because an encoder of other languages needs them as they are written.
    """
    if text.isascii():
        return text
    latin = fold(text).text
    return latin if latin.isascii() else unicodedata.normalize("NFKC", text)


def words_in(text: str, start: int, end: int) -> Iterator[Span]:
    """The words of text[start:end], or characters where no space is set between words."""
    return (unit.span() for unit in _UNIT.finditer(text, start, end))


def _enough(text: str, start: int, end: int) -> bool:
    return len(list(islice(words_in(text, start, end), _FEW_WORDS))) == _FEW_WORDS


def _stripped(text: str, start: int, end: int) -> Span | None:
    part = text[start:end]
    kept = part.strip()
    if not kept:
        return None
    start += len(part) - len(part.lstrip())
    return start, start + len(kept)


def _items(text: str) -> list[Span]:
    """Where the items of lists in a text are numbered: 1, 2, … or a, b, …, in order."""
    found: list[Span] = []
    first: Span | None = None
    expected = ""
    for match in _ITEM.finditer(text):
        label = match[1]
        if label is None:
            found.append(match.span())
        elif label == expected:
            found += [match.span()] if first is None else [first, match.span()]
            first = None
            expected = _following(label)
        elif label in ("1", "a"):
            first, expected = match.span(), _following(label)
    return found


def _following(label: str) -> str:
    return str(int(label) + 1) if label.isdecimal() else chr(ord(label) + 1)


def _abbreviates(text: str, end: re.Match[str]) -> bool:
    if end.group() != ".":
        return False
    word = _WORD_BEFORE_DOT.search(text, max(0, end.start() - 10), end.end())
    return word is not None and (
        word.group(1).casefold() in _ABBREVIATIONS
        or (len(word.group(1)) == 1 and word.group(1).isupper())
    )
