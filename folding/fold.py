"""The one fold: the form of a text in which everything is compared.

In this order, character by character, so that it is linear and needs no context:
compatibility decomposition (NFKD), accents and vowel points dropped ("José" = "Jose"), format
and control characters dropped (zero-width, soft hyphens, variation selectors, bidi marks; tag
characters are read as what they stand for),
case folded, letters that look like a Latin one replaced by it (Unicode's confusables), curly
apostrophes straightened, runs of white space and hyphens replaced by one space.

Filed phrases and texts are folded alike, so a genuine Greek or Cyrillic word still matches
itself, whatever Latin letters stand in its folded form.
"""

from __future__ import annotations

import json
import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from pathlib import Path

import confusable_homoglyphs

_ASCII = "".join(" " if c.isspace() or c == "-" else c.lower() for c in map(chr, range(128)))
_ASCII = _ASCII.replace("`", "'")  # as in a text that is not all ASCII
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_SPACES = re.compile(r"  +")
_APOSTROPHES = frozenset("‘’‛ʹʻʼʽˈ′´`＇")
_DASHES = frozenset("−⁃﹣⎯─━")  # look like hyphens without being dash punctuation
_BLANKS = frozenset(
    "\u3164\u115f\u1160\uffa0\u2800"
)  # drawn as nothing, yet neither space nor format
_IGNORABLE = re.compile(
    "[\u17b4\u17b5\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]"
)  # default ignorable, yet of no category that says so
_STROKED = {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ð": "d", "æ": "ae", "œ": "oe",
            "þ": "th", "ı": "i", "ə": "e"}  # fmt: skip
_SCRIPTS = ("LATIN ", "GREEK ", "CYRILLIC ", "ARMENIAN ", "CHEROKEE ", "COPTIC ", "LISU ")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its characters came from.

    `offsets` has len(text) + 1 entries, never decreasing: character i of `text` began at
    `offsets[i]` in the original; the last entry is the original's length.
    """

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The [start, end) in the original of a non-empty [start, end) in `text`."""
        first, last = self.offsets[start], self.offsets[end - 1]
        # One original character may have become several ("ﬁ"); the span takes it whole.
        while end < len(self.text) and self.offsets[end] == last:
            end += 1
        return first, self.offsets[end]

    def shortened(self, pattern: re.Pattern[str], instead: str = " ") -> Folded:
        """Every match replaced by its group, if the pattern has one, and by `instead`.

        That must not be longer than the match.
        """
        kept = array("I")  # four bytes a character, not forty: texts may be megabytes
        parts: list[str] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = match[1] + instead if pattern.groups else instead
            parts += self.text[done : match.start()], new
            kept.extend(self.offsets[done : match.start() + len(new)])
            done = match.end()
        kept.extend(self.offsets[done:])
        if not done:
            return self
        return Folded("".join(parts) + self.text[done:], kept)


def fold(text: str) -> Folded:
    """Fold a text. Idempotent; linear in its length; the result is at most 18 times as long."""
    if text.isascii() and not _ASCII_CONTROL.search(text):
        folded = text.translate(_ASCII_TABLE)
        offsets: Sequence[int] = range(len(text) + 1)
    else:
        parts = [fold_character(c) for c in text]
        folded = "".join(parts)
        if len(folded) == len(text) and all(parts):
            offsets = range(len(text) + 1)
        else:
            origins = map(repeat, range(len(text)), map(len, parts))
            offsets = array("I", chain.from_iterable(origins))
            offsets.append(len(text))
    result = Folded(folded, offsets)
    return result.shortened(_SPACES) if "  " in folded else result


@lru_cache(maxsize=1 << 16)
def fold_character(character: str) -> str:
    """What one character becomes: nothing, a space, or up to 18 folded characters."""
    folded = character
    while (again := "".join(map(_step, folded))) != folded:
        folded = again
    return folded


def _step(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if character.isspace() or character in _DASHES or unicodedata.category(character) == "Pd":
        return " "
    if "\U000e0020" <= character <= "\U000e007e":  # tags: invisible, and models read them
        character = chr(ord(character) - 0xE0000)
        return " " if character in " -" else character.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not _dropped(c))
    return "".join(_LOOK_ALIKES.get(c, c) for c in plain.casefold())


def _dropped(character: str) -> bool:
    """Whether a character says nothing about which letter is meant.

    Of the combining marks only accents (classes from 200), strokes (1) and the vowel points of
    Hebrew and Arabic (10 to 36) go; marks that make another letter (Indic vowels, kana voicing)
    stay.
    """
    category = unicodedata.category(character)
    if category in {"Cf", "Cc", "Cs"} or character in _BLANKS or _IGNORABLE.match(character):
        return True
    if category not in {"Mn", "Me"}:
        return False
    accent = unicodedata.combining(character)
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    joiner = character == "\u034f" or "\u180b" <= character <= "\u180f"
    drawn = category == "Me" or accent == 1  # around or across the letter
    return drawn or accent >= 200 or 10 <= accent <= 36 or selector or joiner


def _look_alikes() -> dict[str, str]:
    """Case-folded letters that look like a Latin letter, and that letter in lower case.

    Where only the capital looks like one ("В" as B), the small letter follows it, so that
    case never decides. Only scripts that attackers draw Latin words with are taken.
    """
    source = Path(confusable_homoglyphs.__file__).with_name("confusables.json")
    shapes: dict[str, str] = {}
    for character, alike in json.loads(source.read_text(encoding="utf-8")).items():
        if len(character) != 1 or character.isascii() or not character.isalpha():
            continue
        latin = [x["c"] for x in alike if len(x["c"]) == 1 and x["c"].isascii()]
        if latin and latin[0].isalpha() and unicodedata.name(character, "").startswith(_SCRIPTS):
            shapes[character] = latin[0].lower()
    small = {c: latin for c, latin in shapes.items() if c == c.casefold()}
    capitals = {
        folded: latin
        for c, latin in shapes.items()
        if len(folded := c.casefold()) == 1 and not folded.isascii()
    }
    return capitals | small | _small_capitals() | _enclosed() | _STROKED


def _enclosed() -> dict[str, str]:
    """Letters in filled circles and squares ("🅼🅘") and of flags ("🇲"): NFKD leaves them alone."""
    alphabets = (0x1F150, 0x1F170, 0x1F1E6)
    return {chr(first + i): chr(ord("a") + i) for first in alphabets for i in range(26)}


def _small_capitals() -> dict[str, str]:
    """The phonetic small capitals ("ᴍɪʀᴀ"), which the confusables data pairs among themselves."""
    found = {}
    for character in map(
        chr, chain(range(0x250, 0x2B0), range(0x1D00, 0x1D80), range(0xA720, 0xA800))
    ):
        *kind, letter = unicodedata.name(character, " ").split(" ")
        if kind == ["LATIN", "LETTER", "SMALL", "CAPITAL"] and len(letter) == 1:
            found[character] = letter.lower()
    return found


_ASCII_TABLE = dict(enumerate(_ASCII))
_LOOK_ALIKES = _look_alikes()
