"""One language's ways to ask that somebody be forgotten, as patterns, and the name in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum

from guards.talk.wishes import LINKS, NO_NAME, PARTICLES, TITLES, Wishes
from guards.text.lexicon import english
from guards.text.words import STOP

WHO = "(?P<who>[^,;:!?]{1,100}?)"
"""Whom a request names, within a pattern."""

_STRIPS = 8
"""Openings, and closings, that are taken off one sentence."""
_RARE = 4.3
"""Frequency of an English word (Zipf scale) below which it may be a surname in small letters."""
_TITLE = re.compile(rf"(?:{TITLES})\.? ")


class Strength(IntEnum):
    """How little else may stand in a message beside the request."""

    WEAK = 0
    MEDIUM = 1
    STRONG = 2


@dataclass(frozen=True, slots=True)
class Intent:
    """A request to forget: `name` as it was written, None when the speaker means themselves."""

    name: str | None = field(repr=False)


class Grammar:
    """One language's fragments, put together."""

    def __init__(self, words: Wishes) -> None:
        i = re.IGNORECASE
        self._self = frozenset(words.self.split("|"))
        self._least = words.least
        self._described = re.compile(words.described)
        self._opening = re.compile(rf"(?:{words.opening})(?: ?[,!–-] ?| )", i)
        self._closing = re.compile(rf"(?:, ?| )(?:{words.closing}|{words.memory})$", i)
        self._right = re.compile(rf"(?:{words.right})", i)
        about = rf"(?:,? ?(?:{words.have}))? (?:{words.about})(?: |(?<=')){WHO}"
        objects = (
            (rf"(?:{words.everything}){about}", Strength.MEDIUM),
            (rf"(?:{words.data}){about}", Strength.STRONG),
            (rf"(?:{words.mine})(?:,? ?(?:{words.have}))?", Strength.STRONG),
            (rf"{WHO} (?:{words.memory})", Strength.MEDIUM),
            # Somebody's own memory is a story's: "Erase Mira's memory."
            (rf"{WHO}(?:'s|') (?:{words.data})(?<!memory)(?<!memories)", Strength.STRONG),
        )
        self._forms = [
            (re.compile(form.replace("OBJECT", f"(?:{what})"), i), strength)
            for form in words.request
            for what, strength in objects
        ]
        self._forms += [
            (re.compile(form.replace("OBJECT", WHO), i), Strength.WEAK) for form in words.bare
        ]

    def request(self, sentence: str) -> tuple[Intent, Strength] | None:
        """The request in one sentence, once what stands around it is taken off."""
        rest = sentence.strip(" .!?¿¡;:…")
        for _ in range(_STRIPS):
            opened = self._opening.match(rest)
            if opened is None:
                break
            rest = rest[opened.end() :].lstrip(" ¿¡")
        for _ in range(_STRIPS):
            if self._right.fullmatch(rest):
                return Intent(None), Strength.STRONG
            for form, strength in self._forms:
                match = form.fullmatch(rest)
                if match and (intent := self._subject(match.groupdict().get("who"), strength)):
                    weak = strength is Strength.WEAK and intent.name is None
                    return intent, Strength.MEDIUM if weak else strength
            closed = self._closing.search(rest)
            if closed is None:
                return None
            rest = rest[: closed.start()]
        return None

    def _subject(self, who: str | None, strength: Strength) -> Intent | None:
        """Whom the words name; without words the speaker means themselves."""
        if who is None or who.casefold() in self._self:
            return Intent(None)
        described = self._described.match(who)
        own = described is not None
        name = who[described.end() :] if described else who
        if described and not LINKS.isdisjoint(described.group().casefold().split()):
            return None
        sure = name[:1] in "\"'‘“«„" and name[-1:] in "\"'”»“"
        name = name.strip("\"'‘“”«»„ ") if sure else name.strip('"“”«»„ ')
        while (title := _TITLE.match(name)) and (" " in name[title.end() :] or len(name) > 4):
            name, sure = name[title.end() :], True
        words = name.split()
        told = own or strength is Strength.STRONG
        enough = 1 if sure else self._least if told else 2
        return Intent(name) if is_name(words, enough, strength) else None


def is_name(words: list[str], enough: int, strength: Strength) -> bool:
    """Whether words can be a name: capitals, or a script without, particles within."""
    if not 1 <= len(words) <= 8 or any(word.casefold() in NO_NAME for word in words):
        return False
    if not all(c.isalpha() or c in "'.-·" for word in words for c in word):
        return False
    if strength is Strength.STRONG and len(words) in (2, 3) and "".join(words).islower():
        # "All information about mira quell", not "about the hotel".
        return STOP.isdisjoint(words) and english(words[-1]) < _RARE
    if not all(_capital(word) or word in PARTICLES for word in words):
        return False
    capitals = sum(map(_capital, words))
    unspaced = any(c.isalpha() and not c.isupper() and not c.islower() for c in words[0])
    return _capital(words[-1]) and (capitals >= enough or (unspaced and len(words[0]) > 1))


def _capital(word: str) -> bool:
    return any(part[:1].isalpha() and not part[:1].islower() for part in re.split(r"[-']", word))
