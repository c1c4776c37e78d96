"""What the bans promise, said once more in the plainest way: by looking at whole texts."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator

from folding import fold, stands_alone

TELLING = "#%&@"


def separates(character: str) -> bool:
    punctuation = unicodedata.category(character)[0] == "P" and character not in TELLING
    return character == " " or punctuation or character in "|~<>"


def spelled(text: str) -> str:
    marked = "".join(" " if separates(c) else c for c in fold(text).text)
    return re.sub(" +", " ", marked)


def ends(seen: str, phrase: str) -> Iterator[int]:
    """Where a phrase that stands alone ends in a spelled text."""
    sought = spelled(phrase).strip(" ")
    for match in re.finditer(f"(?={re.escape(sought)})", seen):
        end = match.start() + len(sought)
        if stands_alone(seen, match.start(), end):
            yield end


def holds(text: str, phrases: Iterable[str]) -> bool:
    """Whether a text holds a string, by the fold and its boundaries alone."""
    seen = fold(text).text
    for phrase in phrases:
        words = spelled(phrase).strip(" ").split(" ")
        gap = "[" + re.escape("".join({c for c in seen if separates(c)} | {" "})) + "]+"
        pattern = gap.join(map(re.escape, words))
        for start in range(len(seen)):
            found = re.compile(pattern).match(seen, start)
            if found and stands_alone(seen, start, found.end()):
                return True
    return False


def decoded(raw: bytes) -> str:
    """The text so far, without bytes of an unfinished character at its end."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(raw)


def completes(before: bytes, token: bytes, phrases: Iterable[str]) -> bool:
    """Whether a string ends in what a token writes."""
    old = len(spelled(decoded(before)).rstrip(" "))
    new = spelled(decoded(before + token))
    return any(end > old for phrase in phrases for end in ends(new, phrase))
