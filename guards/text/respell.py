"""A text with the words read that are written backwards or with other letters."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from guards.text.cipher import (
    CHANGE,
    RARE,
    Respell,
    costs_of,
    disguised,
    disguises,
    neighbourhoods,
    turned,
)
from guards.text.edit import Edit, Reading
from guards.text.language import surprise
from guards.text.lexicon import frequency

_HINT = -2.5
"""What a disguise of an unknown word must gain, for the word to be looked up in it."""
_GUESSES = 4096
"""Words that are guessed at: more unknown ones are no text, or one that is read otherwise."""
_SEVERAL = 5
"""Unknown words, or two in so many words, from which other alphabets than rot13 are tried."""
_MOST = 0.7
"""Share of the words from which all of the text is taken to be in one disguise."""
_FEW, _MANY = 3, 12
"""Letters up to which a usual disguise, or one of many alphabets, makes something of anything."""
_LATIN = "\u024f"
"""Words of other scripts are known to no list: that says nothing."""

_WORD = re.compile(r"(?<![\w=+])[^\W\d_]++(?:['’](?!s(?!\w))[^\W\d_]++)*(?![\w=+])")
"""A word that is no part of a code, without a possessive ending."""
_TOKEN = re.compile(r"\S+")
_WIDE = 24
_BEFORE = re.compile(r"(?<!\S)(?:[^\W_]+\.?[ -]|[^\W_]+-)$")
_BEHIND = re.compile(r"[ -][^\W_]+(?!\w)")
_OPENERS = frozenset(
    "Who Whom Whose What When Where Which Why How Is Are Was Were Do Does Did Can Could Would "
    "Will Has Have In On At From To For With Tell Name Give List Describe Explain Write Please "
    "The Complete Answer Fill".split()
)


def respelled(text: str) -> Iterator[Reading]:
    """How a text reads where some of its words are no words: first what is likely meant.

    The others are guesses at single words: to look for names in, nothing more.
    """
    words = list(_WORD.finditer(text))
    yield from _reordered(text, words)
    unknown = [i for i, m in enumerate(words) if _unknown(m.group())]
    if not unknown:
        return
    rare = len(unknown) >= _SEVERAL or _SEVERAL * len(unknown) >= 2 * len(words)
    ways = disguises([words[i].group() for i in unknown], rare)
    shouted = text.isupper()
    costs = {i: costs_of(words[i].group(), ways, shouted) for i in unknown}
    likelier = [i for i, row in costs.items() if row[0] - min(row) > CHANGE]
    if likelier:
        runs = list(disguised(words, ways, neighbourhoods(likelier, len(words)), shouted))
        yield from _meant(text, words, ways, runs)
    for number, way in enumerate(ways.items(), 1):
        gains = {i: row[0] - row[number] for i, row in costs.items()}
        hinted = heapq.nlargest(_GUESSES, gains, key=gains.__getitem__)
        yield from _guessed(way, words, sorted(i for i in hinted if gains[i] > _HINT))


def _reordered(text: str, words: Sequence[re.Match[str]]) -> Iterator[Reading]:
    """The words from the last to the first, where the last one would begin a question."""
    if len(words) > 3 and words[-1].group() in _OPENERS and words[0].group()[0].islower():
        yield Reading("reversed", [Edit(0, len(text), " ".join(text.split()[::-1]), turned=True)])


def _unknown(word: str) -> bool:
    if len(word) < 3 or word[0] > _LATIN:
        return False
    return turned(word) or not frequency(word.lower())


def _guessed(
    way: tuple[str, Respell], words: Sequence[re.Match[str]], found: Sequence[int]
) -> Iterator[Reading]:
    """A text with single words read in one way; also with neighbours turned around together.

    What stands beside a word that no list has may be the rest of the name: "tegas bob".
    """
    if not found:
        return
    name, text = way[0], words[0].string
    spans = [words[i].span() for i in found]
    yield Reading(name, [_edit(text, *span, way) for span in spans])
    if name.endswith("reversed"):
        together = spans[:1]
        for before, number, span in zip(found, found[1:], spans[1:], strict=False):
            if number == before + 1 and span[0] == words[before].end() + 1:
                together[-1] = together[-1][0], span[1]
            else:
                together.append(span)
        if len(together) < len(spans):
            yield Reading(name, [_edit(text, *span, way) for span in together])
        spans = together
    for beside in (_BEFORE, _BEHIND):
        wider = [_widened(text, *span, beside) for span in spans]
        apart = [wider[0], *(b for a, b in pairwise(wider) if a[1] <= b[0])]
        if apart != spans:
            yield Reading(name, [_edit(text, *span, way) for span in apart])


def _widened(text: str, start: int, end: int, beside: re.Pattern[str]) -> tuple[int, int]:
    """A span with all of its token, and the one before or behind it."""
    before = _BEFORE.search(text, max(0, start - _WIDE), start) if beside is _BEFORE else None
    behind = _BEHIND.match(text, end, end + _WIDE) if beside is _BEHIND else None
    return before.start() if before else start, behind.end() if behind else end


def _edit(text: str, start: int, end: int, way: tuple[str, Respell], telling: bool = False) -> Edit:
    name, respell = way
    return Edit(start, end, respell(text[start:end]), telling, name.endswith("reversed"))


def _meant(
    text: str,
    words: Sequence[re.Match[str]],
    ways: Mapping[str, Respell],
    runs: Sequence[tuple[str, list[re.Match[str]]]],
) -> Iterator[Reading]:
    """The likeliest reading; a second one where words might each be written backwards."""
    used = list(dict.fromkeys(way for way, _ in runs))
    found = [m for _, run in runs for m in run]
    whole = len(used) == 1 and _all_of_it(words, ways[used[0]], found)
    letters = sum(len(m.group()) for m in found)
    telling = letters > (_MANY if any(way in RARE for way in used) else _FEW)
    edits: list[Edit] = []
    single: list[Edit] = []
    for way, run in runs[:1] if whole else runs:
        respell = ways[way]
        start, end = (0, len(text)) if whole else (run[0].start(), run[-1].end())
        backwards = way.endswith("reversed")
        if backwards and not whole:
            start, end = _with_marks(text, start, end, edits[-1].end if edits else 0)
        edits.append(_edit(text, start, end, (way, respell), telling))
        # A mark before its word: all was turned around, not each word.
        marked = text[start : run[0].start()].strip("\"'([{- ") and not whole
        tokens = list(_TOKEN.finditer(text, start, end)) if backwards and not marked else []
        if len(tokens) > 1:
            single += [replace(_turned_alone(m, respell), telling=telling) for m in tokens]
        else:
            single.append(edits[-1])
    if edits:
        yield Reading("+".join(used), edits)
    if len(single) > len(edits):
        yield Reading("+".join(used), single)


def _all_of_it(
    words: Sequence[re.Match[str]], respell: Respell, found: Sequence[re.Match[str]]
) -> bool:
    """Whether the words that are no likelier in a disguise may well be in it with the others."""
    if len(found) < _MOST * len(words):
        return False
    sure = {m.start() for m in found}
    others = [m.group() for m in words if m.start() not in sure]
    loss = sum(surprise(respell(word)) - surprise(word) for word in others)
    return loss <= 2 * CHANGE


def _turned_alone(token: re.Match[str], respell: Respell) -> Edit:
    """A token read backwards, but not the mark or ending that stands behind it as usual."""
    end = token.end()
    while end > token.start() and not token.string[end - 1].isalnum():
        end -= 1
    if token.string.endswith(("'s", "’s"), token.start(), end):
        end -= 2
    return Edit(token.start(), end, respell(token.string[token.start() : end]), turned=True)


def _with_marks(text: str, start: int, end: int, begin: int) -> tuple[int, int]:
    """The span with the punctuation that stands directly before and behind it."""
    while start > begin and not (text[start - 1].isalnum() or text[start - 1].isspace()):
        start -= 1
    while end < len(text) and not (text[end].isalnum() or text[end].isspace()):
        end += 1
    return start, end
