"""The judgement on a filing's texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from guards.compile import Filing
from guards.leak.plain import value
from guards.leak.shingles import WORDS
from guards.names.forms import is_given
from guards.plausible import reasons
from guards.plausible.code import is_code
from guards.plausible.common import per_million, words_of
from guards.plausible.everyday import everyday_from
from guards.plausible.general import generality
from guards.plausible.pattern import is_pattern, too_short
from guards.rule import Action
from guards.text.words import STOP, forbiddable

Code = Literal["pattern", "too_short", "too_common", "too_general", "everyday_text"]

_REFUSED = 100.0
"""Occurrences per million words from which a phrase may not be filed: one reply of forty has it."""
_NAME_HELD, _TEXT_HELD = 25.0, 10.0
"""From which an officer is asked. Names in small letters are left alone: hence the higher bound."""
_FULL_NAME_HELD = 40.0
_TITLE_HELD = 200.0
"""The same of what has a function word and capitals, as titles have."""
_ALL_HELD = 25.0
"""The same of all strings, or all names of one word, of a filing together."""
_SHORT_PASSAGE = 4
"""Words from which a passage is forbidden as it stands, where it is too short for a shingle."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What speaks against a filing: of its texts, by the field of `guards.Filing` and its number.

    Where `refused` is false an officer may let it pass. `why` says the way out, and no text.
    """

    field: str
    number: int | None
    code: Code
    why: str
    refused: bool = True


def doubt(filing: Filing) -> Doubt | None:
    """What speaks against a filing, the worst of it; None where its texts are plausible.

    Common words may be observed: nothing is done to who says them.
    """
    found = [*_unusable(filing)]
    if filing.action is not Action.OBSERVE:
        found += [*_common_names(filing), *_common_texts(filing), *_general(filing)]
    return min(found, key=lambda each: not each.refused, default=None)


def _unusable(filing: Filing) -> Iterator[Doubt]:
    for field, number, text in (*_names(filing), *_numbered("forbidden", filing.forbidden)):
        if is_pattern(text):
            yield Doubt(field, number, "pattern", reasons.PATTERN)
        elif too_short(text):
            yield Doubt(field, number, "too_short", reasons.TOO_SHORT)


def _common_names(filing: Filing) -> Iterator[Doubt]:
    """Names that are words: of a whole subject, or beside values that are words too."""
    total = 0.0
    for field, number, name in _names(filing):
        words = words_of(name)
        if words and STOP.issuperset(words) and (filing.whole_subject or len(words) == 1):
            yield Doubt(field, number, "too_common", reasons.COMMON_NAME)
            continue
        rate = per_million(name)
        if filing.whole_subject and is_code(words) and rate < _REFUSED:
            yield Doubt(field, number, "too_common", reasons.CODE, refused=False)
        elif len(words) > 1:
            if filing.whole_subject and rate >= _most(name, words):
                yield Doubt(field, number, "too_common", reasons.COMMON_NAME, refused=False)
        elif filing.whole_subject:
            total += rate
            if rate >= _NAME_HELD:
                refused = rate >= _REFUSED
                yield Doubt(field, number, "too_common", reasons.COMMON_NAME, refused=refused)
        elif rate >= _NAME_HELD:
            yield from _beside(filing.values)
    if total >= _ALL_HELD:
        yield Doubt("aliases", None, "too_common", reasons.TOGETHER, refused=total >= _REFUSED)


def _most(name: str, words: Sequence[str]) -> float:
    """How common a name of several words may be."""
    if is_given(words[0]) and STOP.isdisjoint(words[1:]):
        return math.inf  # "Will Young"
    if STOP.isdisjoint(words):
        return _FULL_NAME_HELD
    if all(len(word) == 1 for word in words):
        return math.inf  # "M*A*S*H"
    return _FULL_NAME_HELD if name == name.lower() else _TITLE_HELD


def _beside(values: Sequence[str]) -> Iterator[Doubt]:
    """Values that ordinary sentences hold, for they stand beside a name that these hold too."""
    for text in map(value, values):
        if forbiddable(text) and (too_short(text) or per_million(text) >= _TEXT_HELD):
            yield Doubt("values", None, "too_common", reasons.COMMON_VALUE, refused=False)


def _common_texts(filing: Filing) -> Iterator[Doubt]:
    """Forbidden strings, and passages so short that they are forbidden as they stand."""
    short = [
        ("passages", number, text)
        for number, text in enumerate(filing.passages)
        if _SHORT_PASSAGE <= len(words_of(text)) < WORDS
    ]
    total = 0.0
    for field, number, text in (*_numbered("forbidden", filing.forbidden), *short):
        rate = per_million(text)
        total += rate
        refused = rate >= _REFUSED or STOP.issuperset(words_of(text))
        if refused or rate >= _TEXT_HELD:
            yield Doubt(field, number, "too_common", reasons.COMMON_TEXT, refused=refused)
        elif is_code(words_of(text)):
            yield Doubt(field, number, "too_common", reasons.CODE, refused=False)
    if total >= _ALL_HELD:
        field = "forbidden" if filing.forbidden else "passages"
        yield Doubt(field, None, "too_common", reasons.TOGETHER, refused=total >= _REFUSED)


def _general(filing: Filing) -> Iterator[Doubt]:
    """Questions, statements and passages that everybody could say."""
    names = [name for _, _, name in _names(filing) if not _is_word(name)]
    words = [name for _, _, name in _names(filing) if _is_word(name)]
    asked = (
        *_numbered("questions", filing.questions),
        *_numbered("statements", filing.statements),
    )
    for field, number, text in asked:
        how = generality(text, names)
        if how is None:
            continue
        held = how == "perhaps" or generality(text, words) is None
        yield Doubt(field, number, "too_general", reasons.GENERAL, refused=not held)
    for number, text in enumerate(filing.passages):
        begin = everyday_from(text)
        if begin is not None:
            yield Doubt("passages", number, "everyday_text", reasons.EVERYDAY.format(begin))
        elif len(words_of(text)) < WORDS and generality(text, names) == "nothing":
            yield Doubt("passages", number, "too_general", reasons.SAYS_NOTHING)


def _is_word(name: str) -> bool:
    words = words_of(name)
    return STOP.issuperset(words) or (len(words) == 1 and per_million(name) >= _NAME_HELD)


def _names(filing: Filing) -> Iterator[tuple[str, int | None, str]]:
    if filing.name is not None:
        yield "name", None, filing.name
        yield from _numbered("aliases", filing.aliases)


def _numbered(field: str, texts: Iterable[str]) -> Iterator[tuple[str, int | None, str]]:
    return ((field, number, text) for number, text in enumerate(texts))
