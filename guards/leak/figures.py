"""Numbers and dates, however they are written: "61", "sixty-one", "the third of April"."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\d{1,3}(?:[.,']\d{3})+(?!\.?\d)|\d+|[^\W\d_]+")
_NO_DIGIT = re.compile(r"\D")
_COMPOUND = re.compile(r"(tausend|hundert)(?:und)?")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth",
    "null ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn "
    "funfzehn sechzehn siebzehn achtzehn neunzehn",
    "nullte erste zweite dritte vierte funfte sechste siebte achte neunte zehnte elfte zwolfte "
    "dreizehnte vierzehnte funfzehnte sechzehnte siebzehnte achtzehnte neunzehnte",
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth",
    "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    "vingt trente quarante cinquante soixante",
)
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
)
_MONTH = {word: n for row in _MONTHS for n, word in enumerate(row.split(), 1)}
_SCALE = {
    "hundred": 100, "hundert": 100, "cent": 100, "thousand": 1_000, "tausend": 1_000,
    "mille": 1_000, "k": 1_000, "million": 10**6, "millions": 10**6, "millionen": 10**6,
    "m": 10**6,
}  # fmt: skip
_ABBREVIATED = frozenset("km")
"""Scales that mean something else without a number before them."""
_LONGEST = 15
"""Digits that words can add up to."""
_JOINING = frozenset({"and", "und", "et"})


def _words() -> dict[str, int]:
    """What is written as one word and lies below a hundred."""
    known = {word: n for row in _ONES for n, word in enumerate(row.split())}
    known |= {word: n * 10 for row in _TENS for n, word in enumerate(row.split(), 2)}
    known |= {
        f"{one}und{ten}": n * 10 + unit
        for n, ten in enumerate(_TENS[2].split(), 2)
        for unit, one in enumerate(_ONES[2].split()[1:10], 1)
    }
    return known | {"dozen": 12, "dutzend": 12, "twice": 2, "thrice": 3, "dreimal": 3}


_WORDS = _words()
NUMBERS = frozenset(_WORDS) | frozenset(_MONTH) | frozenset(_SCALE)
"""Folded words that figures are written with."""


def figures(folded: str) -> list[str]:
    """The numbers of a folded text in digits, in order; months too, beside a day or a year.

    Words are English, German or French; a lone "one" or "first" is none: it mostly counts nothing.
    """
    tokens = _TOKEN.findall(_COMPOUND.sub(r" \1 ", folded))
    found: list[str] = []
    number: int | None = None
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        word = _word(token)
        if number is not None:
            if token in _JOINING and _word(following) is not None:
                continue
            larger = _continued(number, token, word)
            if larger is not None:
                number = larger
                continue
            found += _said(number)
            number = None
        if token[0].isdecimal():
            digits = _NO_DIGIT.sub("", token)
            digits = digits.lstrip("0") or "0" if len(digits) < 3 else digits
            if following in _SCALE and len(digits) < _LONGEST:
                number = int(digits)
            else:
                found.append(digits)
        elif word is not None:
            number = word
        elif token in _SCALE and token not in _ABBREVIATED:
            number = _SCALE[token]
        elif token in _MONTH and _dated(tokens, place):
            found.append(str(_MONTH[token]))
    return found + _said(number)


def _word(token: str) -> int | None:
    """The number that a word means, with the endings of German ordinals ("dritten")."""
    value = _WORDS.get(token)
    return _WORDS.get(token[:-1]) if value is None and token[-1] in "nrs" else value


def _continued(number: int, token: str, word: int | None) -> int | None:
    """A number with the token behind it: "sixty one", "nine million", "nineteen eighty"."""
    if token in _SCALE:
        larger = number * _SCALE[token]
        return larger if larger < 10**_LONGEST else None
    if word is None or not number:
        return None
    tens = number > 19 and number % 10 == 0 and number % 100 and word < 10
    if tens or (number % 100 == 0 and word < 100):
        return number + word
    return number * 100 + word if 10 <= number < 100 and word >= 10 else None


def _said(number: int | None) -> list[str]:
    return [] if number is None or number == 1 else [str(number)]


def _dated(tokens: list[str], place: int) -> bool:
    """Whether a month stands beside a number, so that "may" and "march" are told from it."""
    near = tokens[max(0, place - 3) : place] + tokens[place + 1 : place + 3]
    return any(token[0].isdigit() or _word(token) is not None for token in near)
