"""Whether a text speaks of the subject of a rule, of a namesake, or of somebody said before."""

from __future__ import annotations

import re
from itertools import zip_longest

from guards.talk.function_words import EXPLETIVE, LEADS, MINE, THINGS, YOU_AND_I
from guards.talk.pronouns import Owed, owed
from guards.talk.reading import Reading, in_other_name

__all__ = ["Reading", "points_back", "refers_back", "speaks_of"]

_HAN_PRONOUN = re.compile("彼女|彼(?!ら)|她|(?<![其吉])他(?!们|人)|그녀|그는|その人")
_POINTING = frozenset("this that these those das die".split())
"""Words that point to a thing where no noun follows them."""
_BRIEF = 6
_VERY_BRIEF = 3


def refers_back(read: Reading, subject: frozenset[str]) -> bool:
    """Whether a text alone does not tell whom or what it speaks of.

    So it is with what `points_back` and with a question too short to have a subject of its own
    ("And when?").
    """
    if points_back(read, subject) or owed(read, subject) or speaks_of_it(read):
        return True
    words = read.words
    named = any(word.capital and not word.first for word in words)
    if named or not words or len(words) > _VERY_BRIEF:
        return False
    if words[0].plain in ("tell", "go"):
        return True
    asks = read.asks or words[0].plain in LEADS
    return asks and YOU_AND_I.isdisjoint(word.plain for word in words)


def points_back(read: Reading, subject: frozenset[str]) -> bool:
    """Whether a text means a person told before: by "she", or by a word of the subject's names.

    `subject` are the folded words of those names: a first name alone ("And Mira's sister?")
    points back too, where it is not part of another name.
    """
    return owed(read, subject) is Owed.PERSON or names(read, subject) or in_han(read)


def names(read: Reading, subject: frozenset[str]) -> bool:
    """Whether a word of the subject's names stands there alone, for the subject."""
    return any(
        (word.capital or read.one_case)
        and word.part_of(subject)
        and not in_other_name(read.words, number, subject)
        for number, word in enumerate(read.words)
    )


def in_han(read: Reading) -> bool:
    """Whether there is a "she" in a script without spaces."""
    return any(not w.text.isascii() and _HAN_PRONOUN.search(w.text) for w in read.words)


def speaks_of_it(read: Reading) -> bool:
    """Whether a brief text means some thing told before ("Was it in Paris?")."""
    said = {word.plain for word in read.words}
    if len(read.words) > _BRIEF or said.isdisjoint(THINGS):
        return False
    after = read.words[1:]
    if not any(
        word.plain in THINGS
        and (word.plain not in _POINTING or next_ is None or next_.says_nothing)
        for word, next_ in zip_longest(read.words, after)
        if word is not None
    ):
        return False
    mine = not said.isdisjoint(MINE) and read.words[-1].plain not in THINGS
    return said.isdisjoint(EXPLETIVE) and not mine


def speaks_of(
    read: Reading, subject: frozenset[str], no_names: frozenset[str] = frozenset()
) -> bool | None:
    """Whether a text uses a word of the subject's names for the subject.

    True: some such word stands there, and not within another person's name. False: such words
    stand only within other names ("Tom Quell" for Mira Quell). None: no such word. `no_names`
    are folded words that are part of no name whatever their capitals say ("Was Quell Born?").
    """
    known = [number for number, word in enumerate(read.words) if word.part_of(subject)]
    if not known:
        return None
    ignored = subject | no_names
    return read.one_case or any(not in_other_name(read.words, n, ignored) for n in known)
