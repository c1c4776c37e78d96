"""What counts as the same string: the fold, runs of separators as one, and the boundary rule.

A text is folded (`folding`), and every run of white space, hyphens and punctuation becomes one
separator: Unicode's punctuation but # % & @ (they tell names apart: "C#", "AT&T"), and | ~ < >
of Markdown and mark-up. Other symbols ($ + = emoji) are characters like letters. So "Mira Quell"
is also in "MIRA-QUELL", "Mira **Quell**", "Mira\\nQuell" and "Mira. Quell", not in "MiraQuell", and
"3.5" is also in "3,5". Separators at the ends of a forbidden string do not count.

A string must begin at a word boundary and end at one, as `folding.stands_alone` says, read over
the spelled text. Where a token ends with the string, what follows cannot be seen: it counts as
forbidden, so that nothing gets through by bans alone.

Spelled texts are bytes whose order says what may follow a string that ends in a letter or digit:
first the separator, then what never joins a word, then letters and digits, then marks that belong
to the letter before. Tokens after which a string is complete are so a few ranges of a sorted
vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile
from typing import NamedTuple

from folding import UNSPACED, fold, fold_character, stands_alone
from steering.errors import BadBans

SEPARATOR = b"\x00"
_SYMBOL, _UNSPACED, _LETTER, _MARK = b"\x01", b"\x02", b"\x03", b"\xfe"
"""First bytes, in this order. Spaced letters and digits stand in bare UTF-8, which is above
_LETTER and below _MARK; the others before their UTF-8."""

AFTER_ALL = b"\xff"
"""Above every spelled text."""

_TELLING = frozenset("#%&@")
_MARKUP = frozenset("|~<>")
_PLAIN = re.compile(" ?[a-z0-9]+")
_HISS = (b"s", b"x", b"z", b"ch", b"sh")

Ranges = tuple[tuple[bytes, bytes], ...]
"""Half-open ranges of what may follow a complete string."""

_ANYTHING: Ranges = ((b"", _MARK),)
_NO_LETTER: Ranges = ((b"", _LETTER), (b"s", b"s" + _UNSPACED))
_NO_LETTER_AFTER_HISS: Ranges = (*_NO_LETTER, (b"es", b"es" + _UNSPACED))

_Unit = tuple[bytes, bool]


class Spelling(NamedTuple):
    """A spelled text, and where in it a word may begin.

    `starts` are the places after the first character at which a string may begin. `opens` and
    `closes`: the first and the last character join a letter next to them.
    """

    key: bytes
    starts: tuple[int, ...]
    opens: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A forbidden string, spelled: what must not be completed.

    `opens`: it begins with a letter or digit, so that none may stand before it. `follows`: what may
    follow it, so that it still stands alone.
    """

    key: bytes
    opens: bool
    follows: Ranges

    @classmethod
    def of(cls, text: str) -> Phrase:
        """Spell a forbidden string; raises `BadBans` where it says nothing."""
        units = [_unit(character) for character in fold(text).text]
        for _ in range(2):  # from the right, and turned round from the left
            units = list(dropwhile(lambda unit: unit[0] == SEPARATOR, reversed(units)))
        if not units:
            raise BadBans("a banned string needs a letter, a digit or a symbol in it.")
        key = _joined(units).key
        follows = _NO_LETTER_AFTER_HISS if key.endswith(_HISS) else _NO_LETTER
        return cls(key, units[0][1], follows if units[-1][1] else _ANYTHING)


def says_something(text: str) -> bool:
    """Whether a string has more than separators in it, so that it can be banned."""
    return any(_unit(c)[0] != SEPARATOR for each in text for c in fold_character(each))


def spell(text: str) -> Spelling:
    """Spell a text, or a piece of one. Linear in its length."""
    folded = fold(text).text
    if _PLAIN.fullmatch(folded):  # nearly every token
        spaced = folded[0] == " "
        key = folded.encode().replace(b" ", SEPARATOR)
        return Spelling(key, (1,) if spaced else (), not spaced, True)
    return _joined(map(_unit, folded))


def _joined(units: Iterable[_Unit]) -> Spelling:
    key = bytearray()
    starts = []
    opens = before = apart = False
    for raw, joins in units:
        if raw == SEPARATOR:
            if not apart:
                key += SEPARATOR
        else:
            if not key:
                opens = joins
            elif not (before and joins):
                starts.append(len(key))
            key += raw
        before, apart = joins, raw == SEPARATOR
    return Spelling(bytes(key), tuple(starts), opens, before)


@lru_cache(maxsize=1 << 16)
def _unit(character: str) -> _Unit:
    """The bytes of one folded character, and whether it joins a letter beside it."""
    punctuation = unicodedata.category(character)[0] == "P" and character not in _TELLING
    if character == " " or punctuation or character in _MARKUP:
        return SEPARATOR, False
    raw = character.encode("utf-8", "surrogatepass")
    joins = not stands_alone("a" + character, 1, 2)
    if not stands_alone(" " + character, 0, 1):  # not even after a space: part of a letter
        return _MARK + raw, joins
    if joins:
        return raw, True
    return (_UNSPACED if UNSPACED.match(character) else _SYMBOL) + raw, False
