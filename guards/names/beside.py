"""What stands beside a word that may be a part of a name: other names, or what is no name."""

from __future__ import annotations

import re

from guards.names.forms import PARTICLES, TITLES, is_given
from guards.names.said import CAPITALS, Said
from guards.text.lexicon import frequency
from guards.text.words import STOP

_ALSO_NAMES = frozenset({"will", "van", "von", "de", "di", "del"})
"""Function words that begin names when they have a capital within a sentence."""
_ADJOINING = frozenset({" ", "-", ".", ". ", "'"})
"""What stands between two words of a name."""
_EVERYDAY = 5.2
"""Frequency from which a word is no name where capitals tell nothing."""
_USUAL = 4.65
"""The same of a word that is in no list of given names."""
_MIDDLING = 4.8
"""Frequency up to which a word without capitals is taken for a middle name."""
_NO_NAME = re.compile("(?:ed|ing|s|er|or|ist|an|ly|ion|al|ic)$")
_OPENERS = frozenset(
    "describe explain discuss name list give tell write summarize summarise compare analyze "
    "analyse identify imagine suppose consider according after before during since although "
    "while because despite please say state mention recall remember pretend assume assuming "
    "besides beyond like unlike however also nenne beschreibe erkläre décris explique nomme "
    "describa explica nombra descrivi spiega within through throughout once only both given "
    "perhaps today later early born known young actor actress singer author director rapper".split()
)
"""Words that open a sentence, or a name, without being a given name."""
_OF_SUBJECTS = frozenset(
    "was is has had were did does will would could can began won grew made became got took left "
    "went gave met wrote told held led came ran sang spoke fought lost sold bought kept went says "
    "said also first later once never often plays played lives works".split()
)
"""What follows a subject."""


def begin_of(said: Said, i: int, own: set[str]) -> int:
    """Where a name's part begins with the particles of the name itself: at "van" of "van Quell"."""
    while adjoins(said, i - 1) and said.words[i - 1] in PARTICLES & own:
        i -= 1
    return i


def subject(said: Said, i: int) -> bool:
    """Whether word i is what a sentence tells of, without an article: then it is a name.

    "Bird was born in …", "Bird's first game …".
    """
    if i + 1 == len(said.words) or said.parted(i):
        return False
    gap, word = said.gap(i), said.words[i + 1]
    if gap in {"'", "’"}:
        return word == "s"
    return gap == " " and not said.shape(i + 1) and (word in _OF_SUBJECTS or _past(word))


def _past(word: str) -> bool:
    return len(word) > 4 and word.endswith("ed")


def adjoins(said: Said, i: int) -> bool:
    """Whether a word is there, and no more than in a name stands between it and the next one."""
    return i >= 0 and not said.parted(i) and said.gap(i) in _ADJOINING


def continued(said: Said, i: int, own: set[str]) -> bool:
    """Whether another name follows word i directly, as in "Quell Robinson"."""
    if i + 1 == len(said.words) or said.parted(i):
        return False
    gap, word = said.gap(i), said.words[i + 1]
    if gap == "-":
        return word not in own
    return gap == " " and word not in own and name_like(said, i + 1, before=False)


def name_like(said: Said, i: int, before: bool = True) -> bool:
    """Whether word i can be somebody's name, before another name or behind it.

    Where case tells nothing, a word behind a name is rather a verb.
    """
    word = said.words[i]
    if (
        (word in STOP and word not in _ALSO_NAMES)
        or word in TITLES
        or word in _OPENERS
        or not word.isalpha()
        or len(word) == 1
    ):
        return False
    if not said.case_tells:
        if is_given(word) or not frequency(word):
            return True
        return before and not _NO_NAME.search(word) and frequency(word) < _USUAL
    if said.shape(i) == CAPITALS:
        return frequency(word) < _EVERYDAY
    return said.shape(i) > 0


def one_name(said: Said, first: int, last: int) -> bool:
    """Whether words first..last are written as one name: those between as middle names."""
    if any(said.parted(i) for i in range(first, last)):
        return False
    if last - first == 1 or said.one_case:
        return all(_middle(said, i) for i in range(first + 1, last))
    capitals = all(said.shape(i) or not frequency(said.words[i]) for i in (first, last))
    return capitals and all(_middle(said, i) for i in range(first + 1, last))


def _middle(said: Said, i: int) -> bool:
    """Whether word i can be a middle name, an initial or a particle of the surname."""
    word = said.words[i]
    if word in PARTICLES or (len(word) == 1 and word.isalpha() and said.shape(i)):
        return True
    if word in STOP or not word.isalpha():
        return False
    if said.one_case:
        return frequency(word) < _MIDDLING
    return said.shape(i) > 0
