"""A JSON text cut into its parts while it arrives; pure, no I/O.

Lenient in reading: control characters and unknown escapes in a string leave the structure as it
is, and where there is none left, strings are still told from what is around them.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import NamedTuple

from gateway.openai.scrub.json_structure import JsonStructure

_PLAIN = re.compile(r'[^"\\]+')
_CONTROL = re.compile(r"[\x00-\x1f]")
_HEX = "[0-9a-fA-F]"
_HIGH = rf"\\u[dD][89abAB]{_HEX}{{2}}"
_ESCAPE = re.compile(
    rf'{_HIGH}\\u[dD][c-fC-F]{_HEX}{{2}}|\\u{_HEX}{{4}}|\\["\\/bfnrt]'
)  # the two halves of a surrogate pair are one character
_UNFINISHED = re.compile(
    rf"\\(?:u{_HEX}{{0,3}})?|{_HIGH}(?:\\(?:u(?:[dD](?:[c-fC-F]{_HEX}?)?)?)?)?"
)


class Kind(Enum):
    """What a part of a JSON text is."""

    STRUCTURE = auto()
    """Brackets, commas, colons, white space, numbers, literals, and quotes but those of `END`."""
    KEY = auto()
    VALUE = auto()
    END = auto()
    """The quote that ends a value."""
    LOOSE = auto()
    """Anything from where the text is no JSON."""


class Part(NamedTuple):
    """Neighbouring characters of one kind, or one escape."""

    kind: Kind
    length: int
    """Characters of the raw text."""
    said: str
    """What they say: themselves, or the character that an escape stands for."""


class JsonParts:
    """Cuts a JSON text, or what should be one, in chunks; never raises, linear in the text.

    Keeps the brackets that are open, and at most 11 characters.
    """

    def __init__(self) -> None:
        self.structure = JsonStructure()
        self.in_string = False
        self.held = ""
        """An escape that is not whole yet, or half a surrogate pair."""
        self._structured = True
        self._valid = True  # the characters in its strings

    @property
    def hopeful(self) -> bool:
        """Whether what was read can still become JSON."""
        return self._structured and self._valid

    def feed(self, chunk: str) -> list[Part]:
        """The parts that are whole so far: all of the raw text but what is held."""
        text, at = self.held + chunk, 0
        self.held = ""
        parts: list[Part] = []
        while at < len(text):
            if not self.in_string:
                at = self._outside(text, at, parts)
            elif text[at] == "\\" and _UNFINISHED.fullmatch(text, at):
                self.held = text[at:]
                break
            else:
                parts.append(self._inside(text, at))
                at += parts[-1].length
        return parts

    def end(self) -> list[Part]:
        """At the end of the text: what was held, as it is."""
        held, self.held = self.held, ""
        return [Part(self._string, len(held), held)] if held else []

    @property
    def _string(self) -> Kind:
        if not self._structured:
            return Kind.LOOSE
        return Kind.KEY if self.structure.in_key else Kind.VALUE

    def _inside(self, text: str, at: int) -> Part:
        if plain := _PLAIN.match(text, at):
            self._valid = self._valid and not _CONTROL.search(plain[0])
            return Part(self._string, len(plain[0]), plain[0])
        if text[at] == '"':
            self.in_string = False
            ends = {Kind.KEY: Kind.STRUCTURE, Kind.VALUE: Kind.END, Kind.LOOSE: Kind.LOOSE}
            return Part(ends[self._string], 1, '"')
        if escape := _ESCAPE.match(text, at):
            return Part(self._string, len(escape[0]), json.loads(f'"{escape[0]}"'))
        self._valid = False
        return Part(self._string, 1, text[at])

    def _outside(self, text: str, at: int, parts: list[Part]) -> int:
        """Read to behind the next quote or to the end of the text: where that is."""
        quote = text.find('"', at)
        end = stop = len(text) if quote < 0 else quote
        if self._structured:
            steps = self.structure.step
            stop = next((i for i in range(at, end) if not steps(text[i])), end)
            self._add(parts, text[at:stop])
            self._structured = stop == end
            self._add(parts, text[stop:end])
        else:
            self._add(parts, text[at:end])
        if quote < 0:
            return end
        self._structured = self._structured and self.structure.begin_string()
        self.in_string = True
        self._add(parts, '"')
        return end + 1

    def _add(self, parts: list[Part], text: str) -> None:
        if text:
            parts.append(Part(Kind.STRUCTURE if self._structured else Kind.LOOSE, len(text), text))
