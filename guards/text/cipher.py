"""Which words are written backwards or with other letters: rot13, other shifts, Atbash.

Decoded like a noisy channel: each word is taken as it stands or in one of the disguises,
whichever is likelier as language, and changing between them costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from string import ascii_lowercase, ascii_uppercase

from guards.text.language import surprise
from guards.text.lexicon import frequency

Respell = Callable[[str], str]

CHANGE = 2.0
"""Cost of going over to another way of writing, in powers of ten."""
_ODD = 3.0
"""Cost of an abbreviation in disguise, and of a word that would end with its capital."""
_TURNED = 5.0
"""Cost of a word that ends with its capital."""
_STRANGE = 1.5
"""Cost of a word in disguise that is in no list either."""
_ABBREVIATION = 5
_HOPELESS = 1.75
"""Surprise per letter from which a word can be none as it stands: other alphabets are tried."""
_TRIED = 6
_AROUND = 12
"""Words on either side of a likely disguised one that are looked at with it."""


def _substitution(letters: str) -> Respell:
    table = str.maketrans(ascii_lowercase + ascii_uppercase, letters + letters.upper())
    return lambda text: text.translate(table)


def backwards(text: str) -> str:
    """The characters of a text from the last to the first."""
    return text[::-1]


ROT13 = _substitution(ascii_lowercase[13:] + ascii_lowercase[:13])
_USUAL: dict[str, Respell] = {
    "rot13": ROT13,
    "reversed": backwards,
    "rot13+reversed": lambda text: ROT13(text[::-1]),
}
RARE: dict[str, Respell] = {
    "atbash": _substitution(ascii_lowercase[::-1]),
    **{
        f"rot{n}": _substitution(ascii_lowercase[n:] + ascii_lowercase[:n])
        for n in range(1, 26)
        if n != 13
    },
}


def turned(word: str) -> bool:
    """Whether a word ends with its capital."""
    return word[-1].isupper() and word[0].islower()


def disguises(unknown: Sequence[str], rare: bool) -> Mapping[str, Respell]:
    """The disguises to try for words that no list has.

    If `rare` ones may be meant, also the best other alphabet, where the words are hopeless in
    the usual ones.
    """
    if not rare:
        return _USUAL
    tried = [word.lower() for word in unknown if word.isascii() and not _short(word)]
    tried = tried[:: max(1, len(tried) // _TRIED)][:_TRIED]
    size = sum(len(word) + 1 for word in tried)

    def unlikely(respell: Respell) -> float:
        return sum(surprise(respell(word)) for word in tried)

    usual: list[Respell] = [str, *_USUAL.values()]
    if len(tried) < 2 or any(unlikely(respell) < _HOPELESS * size for respell in usual):
        return _USUAL
    best = min(RARE, key=lambda way: unlikely(RARE[way]))
    return {**_USUAL, best: RARE[best]}


def _short(word: str) -> bool:
    """Whether a word may be an abbreviation."""
    return len(word) <= _ABBREVIATION and word.isupper()


def costs_of(word: str, ways: Mapping[str, Respell], shouted: bool) -> list[float]:
    """How unlikely a word is as it stands, and in each disguise."""
    costs = [surprise(word) + _TURNED * turned(word)]
    short = _short(word) and not shouted
    for way, respell in ways.items():
        # An abbreviation is like no word, and what is written backwards ends with its capital.
        odd = short or (way.endswith("reversed") and word.istitle())
        said = respell(word)
        strange = frequency(said.lower()) == 0.0
        costs.append(surprise(said) + _ODD * odd + _STRANGE * strange)
    return costs


def disguised(
    words: Sequence[re.Match[str]],
    ways: Mapping[str, Respell],
    places: Iterable[tuple[int, int]],
    shouted: bool,
) -> Iterator[tuple[str, list[re.Match[str]]]]:
    """Runs of words that are likelier in one disguise, with its name."""
    named = ["", *ways]
    for first, last in places:
        near = words[first:last]
        costs = [costs_of(m.group(), ways, shouted) for m in near]
        rows = zip(_likeliest(costs), near, costs, strict=True)
        for state, run in groupby(rows, key=lambda row: row[0]):
            if state:
                found = list(run)
                gains = [row[0] > row[state] for _, _, row in found]
                # Those at the ends may be as likely as they stand.
                begin, end = gains.index(True), len(gains) - gains[::-1].index(True)
                yield named[state], [m for _, m, _ in found[begin:end]]


def neighbourhoods(numbers: Iterable[int], size: int) -> Iterator[tuple[int, int]]:
    """The [start, end) around some numbers below a size, in order and apart."""
    start, end = 0, 0
    for number in numbers:
        if number - _AROUND > end:
            if end:
                yield start, end
            start = number - _AROUND
        end = min(size, number + _AROUND + 1)
    yield start, end


def _likeliest(costs: Sequence[Sequence[float]]) -> list[int]:
    """The way of writing of each word: the cheapest path (Viterbi)."""
    totals = [0.0] + [CHANGE] * (len(costs[0]) - 1)
    came: list[list[int]] = []
    for row in costs:
        cheapest = min(range(len(totals)), key=totals.__getitem__)
        change = totals[cheapest] + CHANGE
        came.append([i if total <= change else cheapest for i, total in enumerate(totals)])
        totals = [min(total, change) + cost for total, cost in zip(totals, row, strict=True)]
    ending = [totals[0], *(total + CHANGE for total in totals[1:])]
    state = ending.index(min(ending))
    path = []
    for origins in reversed(came):
        path.append(state)
        state = origins[state]
    return path[::-1]
