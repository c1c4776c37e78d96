"""Letters written without word gaps cut into words: the likeliest cut (Viterbi).

Words that no list has, as most names, are likely or not by their letters, so they stay whole.
"""

from __future__ import annotations

import re
from itertools import accumulate

from folding import fold
from guards.text.language import UNKNOWN, UNSEEN, likelihood, trigrams

_LONGEST = 18
_SINGLE = 3.0
"""What a word of one letter costs more, "a" and "i" aside: the lists have all letters."""
_GAP, _GAP_AT_NAMES = 0.5, 1.5
"""What a further word costs; the latter where names must stay whole."""
_NAME = 3.0
"""How much likelier an unknown word is behind a capital, for their sake."""
_PIECE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]+|\S")
_CAPITAL = re.compile(r"(?<=[^\W\d_])(?=[A-Z])(?<![A-Z])")


def segmented(letters: str, names: bool = False) -> str:
    """Some letters, digits and marks with blanks between the words.

    Capitals begin words where there are small letters too. For the sake of unknown `names`
    fewer of them are cut, and some words stay together.
    """
    gap = _GAP_AT_NAMES if names else _GAP
    words: list[str] = []
    for piece in _PIECE.findall(letters):
        if not piece[0].isalpha():
            if words and not piece[0].isalnum():
                words[-1] += piece
            else:
                words.append(piece)
        elif piece.upper() == piece:
            words += _cut(piece, gap)
        else:
            words += (word for run in _CAPITAL.split(piece) for word in _cut(run, gap))
    return " ".join(words)


def _cut(run: str, gap: float) -> list[str]:
    """The words of a run of letters."""
    if len(run) < 3:
        return [run]
    low = run.lower() if run.isascii() else fold(run).text
    ends = _ends(low if len(low) == len(run) else run, gap, _NAME * (run.istitle() and gap > _GAP))
    return [run[a:b] for a, b in zip([0, *ends], ends, strict=False)]


def _ends(low: str, gap: float, bonus: float) -> list[int]:
    """Where each word ends; an unknown one at the beginning costs less by a bonus."""
    size = len(low)
    costs = trigrams()
    padded = f"  {low}"
    # Of the letters up to each place, as they would go on within one word.
    inside = [0.0, *accumulate(costs.get(padded[i : i + 3], UNSEEN) for i in range(size))]
    best = [0.0] * (size + 1)
    came = [0] * (size + 1)
    openings = [
        costs.get(f"  {low[i]}", UNSEEN) + costs.get(f" {low[i : i + 2]}", UNSEEN)
        for i in range(size)
    ]
    for end in range(1, size + 1):
        closing = costs.get(f"{low[max(0, end - 2) : end]:>2} ", UNSEEN)
        least = float("inf")
        for start in range(max(0, end - _LONGEST), end):
            word = low[start:end]
            zipf = likelihood(word) if word.isascii() else 0.0
            if zipf:
                cost = 9.0 - zipf
                if end - start == 1 and low[start] not in "ai":
                    cost += _SINGLE
            elif end - start < 3:
                cost = UNKNOWN + UNSEEN
            else:
                cost = UNKNOWN + openings[start] + inside[end] - inside[start + 2] + closing
                if start == 0:
                    cost -= bonus
            cost += best[start] + gap
            if cost < least:
                least, came[end] = cost, start
        best[end] = least
    ends = []
    while size:
        ends.append(size)
        size = came[size]
    return ends[::-1]
