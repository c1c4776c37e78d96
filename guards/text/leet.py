"""Digits and signs that stand for letters ("M1r4 Qu3ll", "|-|3ll0"), read as the letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from guards.text.edit import Edit, Reading
from guards.text.language import surprise
from guards.text.lexicon import english, frequency

_SIGNS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b",
    "9": "g", "@": "a", "$": "s", "!": "il", "|": "il", "+": "t", "€": "e", "£": "l", "¥": "y",
    "§": "s", "¢": "c",
}  # fmt: skip
_DRAWN = {
    "|-|": "h", "]-[": "h", "|_|": "u", "(_)": "u", "/\\/\\": "m", "|\\/|": "m", "\\/\\/": "w",
    "|\\|": "n", "/\\": "a", "\\/": "v", "|)": "d", "|>": "d", "|<": "k", "|{": "k", "|3": "b",
    "|2": "r", "|=": "f", "|*": "p", "><": "x", "}{": "x", "|_": "l", "|V|": "m", "|v|": "m",
    "VV": "w", "vv": "w",
}  # fmt: skip
_HINT = re.compile(
    r"[^\W\d_][0-9@$|+€£¥§¢/\\<>{}\[\]]{1,4}[^\W_]|[^\W\d_]!{1,3}[^\W_]"
    r"|(?<!\S)[0-9@$!|+€£¥§¢/\\<}\]]{1,4}[^\W\d_]|[^\W\d_][0-9@$|+€£¥§¢](?![^\W_])"
)
_TOKEN = re.compile(r"\S+")
_PICTURE = re.compile("|".join(map(re.escape, sorted(_DRAWN, key=len, reverse=True))))
_PART = re.compile(r"[^\s\-_.,;:?\"“”‘’'/&=~]+")
_LEAD, _TRAIL = "([{<\"'“‘¿¡*_", ".,;:!?)]}>\"'”’*_"
_MIXED_SIGNS = re.compile(r"(?<=.)[@$€£](?=.)|[@$|].*[@$!|]")
"""What is no price, number or version."""
_LONGEST = 40
_CHOICES = 5
"""Signs with two readings up to which every combination is tried."""
_FEW = 3
"""Words before and behind what is written so that are read like it."""
_CAPITALISED = re.compile(r"[A-Z][^\W\d_]*")
_SURE = 3
"""Words that can only be meant so from which all of the text is taken to be written so."""
_COMMON = 4.5
"""Frequency from which digits alone are rather a word, in such a text."""
_PLAUSIBLE = 1.35


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with signs for letters, and its likeliest spellings."""

    start: int
    end: int
    best: str
    other: str
    sure: bool
    """Whether it is a known word that can only be meant so."""
    telling: bool
    """Whether it is likely meant so."""
    bare: bool
    """Whether it is mostly signs, or so short that it is only read among others."""


def plain_letters(text: str) -> Iterator[Reading]:
    """A text with the words that have signs for letters spelled out.

    A second reading has everything that can be spelled out, and the other choice for the signs
    of words that are in no list: "1" in a name may be "i" or "l".
    """
    if not _HINT.search(text):
        return
    words = list(_words(text))
    dense = sum(word.sure for word in words) >= _SURE
    likely = [
        word
        for before, word, after in zip([None, *words], words, [*words[1:], None], strict=False)
        if dense or not word.bare or _beside(before, word) or _beside(word, after)
    ]
    telling = dense or any(word.telling for word in words)
    if likely:
        edits = [Edit(word.start, word.end, word.best, telling) for word in likely]
        yield Reading("leet", _caseless(text, edits) if dense else edits, len(likely) >= _SURE)
    others = [word for word in words if not text[word.start : word.end].isdigit()]
    if others and ([w.best for w in likely] != [w.other for w in others]):
        edits = [Edit(word.start, word.end, word.other, False) for word in others]
        yield Reading("leet", _caseless(text, edits) if dense else edits)


def _caseless(text: str, edits: list[Edit]) -> list[Edit]:
    """The edits, and small letters all over the text: signs have none, so case tells nothing."""
    if not any(edit.text[0].islower() and not text[edit.start].isalpha() for edit in edits):
        return edits
    start, end = edits[0].start, edits[-1].end
    if len(text[:start].split()) < _FEW:
        start = 0
    if len(text[end:].split()) < _FEW:
        end = len(text)
    found: list[Edit] = []
    done = start
    for edit in (*edits, Edit(end, end, "")):
        found += (
            Edit(m.start(), m.end(), m.group().lower(), False)
            for m in _CAPITALISED.finditer(text, done, edit.start)
        )
        if edit.text:
            found.append(replace(edit, text=edit.text.lower()))
            done = edit.end
    return found


def _beside(left: _Word | None, right: _Word | None) -> bool:
    """Whether two words stand side by side and one of them is likely meant."""
    if left is None or right is None or right.start - left.end > 2:
        return False
    return left.telling or right.telling


def _words(text: str) -> Iterator[_Word]:
    for token in _TOKEN.finditer(text):
        said = token.group()
        if said.isalpha() or len(said) > 4 * _LONGEST or "://" in said:
            continue
        word = said.lstrip(_LEAD)
        start = token.end() - len(word)
        word = word.rstrip(_TRAIL)
        drawn = _PICTURE.sub(lambda m: _DRAWN[m.group()], word)
        if drawn != word and sum(map(str.isalpha, drawn)) * 3 >= len(drawn):
            found = _spelled(drawn, start, start + len(word), drawn=True)
            flat = _spelled(word, start, start + len(word))
            if found and (flat is None or surprise(found.best) < surprise(flat.best)):
                other = flat.best if flat else found.other
                yield replace(found, other=other, sure=len(drawn) > 2)
                continue
        for match in _PART.finditer(word):
            found = _spelled(match.group(), start + match.start(), start + match.end())
            if found is not None:
                yield found


def _spelled(part: str, start: int, end: int, drawn: bool = False) -> _Word | None:
    """A word of letters and signs with its likeliest spellings; None if it is no such word."""
    signs = sum(c in _SIGNS for c in part)
    if len(part) > _LONGEST or not (signs or drawn):
        return None
    if any(not c.isalpha() and c not in _SIGNS for c in part):
        return None
    spellings = sorted(_spellings(part), key=surprise)
    best = spellings[0]
    known = frequency(best.lower()) > 0
    other = best if known or len(spellings) == 1 else spellings[1]
    core = part.strip("0123456789")
    bare = len(part) < 3 or 3 * signs > 2 * len(part)
    mixed = _MIXED_SIGNS.search(part) is not None
    if signs == len(part) and english(best.lower()) < _COMMON and not mixed:
        return None
    if len(part) == 1 and best not in {"a", "i"}:
        return None
    plausible = known or surprise(best) < _PLAUSIBLE * (len(best) + 1)
    if core.isalpha():
        # "covid19", "5am", "mp3": a word with a number is no disguise.
        telling = known and len(best) > 4 and not frequency(core.lower())
    else:
        telling = plausible and len(best) > 3 and (mixed or not bare)
    sure = known and len(best) > 2 and core != "" and (not core.isalpha() or telling)
    return _Word(start, end, best, other, sure, telling, bare)


def _spellings(part: str) -> Iterator[str]:
    """All spellings of a word with few ambiguous signs; else each sign always the same."""
    choices = [_SIGNS.get(c, c) for c in part]
    if sum(len(choice) > 1 for choice in choices) > _CHOICES:
        choices = [choice[:1] for choice in choices]
    shouted = sum(map(str.isupper, part)) > 1 and part.upper() == part
    for letters in product(*choices):
        spelled = "".join(letters)
        yield spelled.upper() if shouted else spelled
