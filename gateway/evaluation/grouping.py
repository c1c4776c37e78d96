"""Which negatives tell the same: those of one template, and those about one subject."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.evaluation.rows import Negative
from guards.text.words import STOP

_TOKEN = re.compile(r"[\"“«][^\"”»]{1,100}[\"”»]|[^\W\d_][^\W_]*(?:[’'-][^\W_]+)*|[.!?\n]")
_ENDS = frozenset(".!?\n")
_FEW, _MANY = 3, 16
"""Telling words between which two texts that differ in one of them are the same template."""

Group = tuple[str, object]


def group_sizes(negatives: Sequence[Negative]) -> NDArray[np.float64]:
    """How many negatives stand in the largest group that each is in, shape (n,).

    A group is a template: texts with the same telling words, or all but one, names, numbers and
    quotations aside; or a subject: the one that the row names or, where it names none, each name
    of two or more words in the text.
    """
    groups = [set(_groups(negative)) for negative in negatives]
    sizes = Counter(group for each in groups for group in each)
    return np.asarray([max(sizes[group] for group in each) for each in groups], np.float64)


def _groups(negative: Negative) -> Iterator[Group]:
    template, names = masked(negative.text)
    yield "template", template
    if _FEW <= len(template) <= _MANY:
        yield from (("template", template - {word}) for word in template)
    for subject in names if negative.group is None else [negative.group]:
        yield "subject", subject


def masked(text: str) -> tuple[frozenset[str], list[str]]:
    """The telling words of a text without names, numbers and quotations; and its longer names.

    A single capitalised word that opens a sentence is taken for an ordinary one.
    """
    words: set[str] = set()
    names: list[str] = []
    run: list[str] = []
    opening, opened = True, False  # whether a sentence begins here, and began with the run
    for token in (*_TOKEN.findall(text), "."):
        plain = token.casefold()
        if token[0].isupper() and len(token) > 1 and not (opening and plain in STOP):
            opened = opening if not run else opened
            run.append(plain.removesuffix("'s").removesuffix("’s"))
        else:
            if len(run) == 1 and opened:
                words.add(run[0])
            elif len(run) > 1:
                names.append(" ".join(run))
            run = []
            if plain[0].isalpha() and plain not in STOP:
                words.add(plain)
        opening = token in _ENDS
    return frozenset(words), names
