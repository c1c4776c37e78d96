"""How much a clause says of its own: whether it has a subject without what was said before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from guards.talk.function_words import (
    DEFINITE,
    INDEFINITE,
    OF,
    PLACE,
    POLITE,
    QUESTION,
    YOU_AND_I,
    YOURS,
)
from guards.talk.reading import Reading, Word
from guards.talk.vocabulary import ANSWERING, FORMS, NUDGES, RELATIONS
from guards.text.words import STOP

_OWN_TASK = re.compile(r"\b(?:how|where|what) (?:do|can|should|could|would) (?:i|we)\b|\bhow to\b")

_FEW = 6

_GREETINGS = frozenset(
    "thanks thank thx cheers bye hello hi hey danke merci gracias grazie".split()
)

_AND = (["and"], ["und"], ["et"], ["y"], ["e"])

_INITIALS = frozenset("ABCDEFGHJKLMNOPQRSTUVWXYZ")  # without "I"

_COMPARED = frozenset("like as than wie als comme como come".split())

_INTRODUCING = frozenset(
    "is are was were did does do has by where know about define explain of ist wurde hat sind war "
    "über est sont était sur es fue son sobre è sono era".split()
)


def clauses(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The words of each sentence."""
    # Without initials: what stands before a name is what stands before its first word.
    words = [
        word for word in words if len(word.text) > 1 or word.first or word.text not in _INITIALS
    ]
    starts = [number for number, word in enumerate(words) if word.first or number == 0]
    for start, end in pairwise((*starts, len(words))):
        yield words[start:end]


def points_of(read: Reading, clause: Sequence[Word], subject: frozenset[str]) -> tuple[int, bool]:
    """How much a clause says of its own, and whether that is a subject."""
    points = 0
    plain = [word.plain for word in clause]
    asks = any(word in ANSWERING for word in plain)
    for number, word in enumerate(clause):
        owned = not YOURS.isdisjoint(plain[max(0, number - 2) : number])
        if not _content(read, clause, number, subject, owned and not asks):
            continue
        before = plain[number - 1] if number else ""
        # In scripts without spaces a whole clause is one word.
        unspaced = word.text[0] > "\u2e80" and len(word.text) > 4
        after = plain[number + 1] if number + 1 < len(plain) else ""
        earlier = plain[number - 2] if number > 1 else ""
        introduced = before in _INTRODUCING or before in INDEFINITE or word.owner or word.quoted
        introduced = introduced or (before in DEFINITE and earlier in ("about", "explain", "over"))
        introduced = introduced or (word.first and after in ("is", "are", "was", "were"))
        points += 2 if introduced or owned or unspaced or _named(read, clause, number) else 1
    if points and not asks and _speaks_of_us(clause):
        points += 1
    led = plain[:2] in (["what", "about"], ["how", "about"]) or plain[:1] in _AND
    if led and len(plain) < _FEW and not any(_named(read, clause, n) for n in range(len(clause))):
        return min(points, 1), False
    if len(plain) > 4 and _OWN_TASK.search(" ".join(plain[:4])):
        points += 2
    return points, points >= (4 if asks else 2)


def _speaks_of_us(clause: Sequence[Word]) -> bool:
    """Whether the user speaks of himself or the model, rather than "can you tell me"."""
    for number, word in enumerate(clause):
        polite = word.capital and not word.first and word.plain in POLITE
        if word.plain not in YOU_AND_I and not polite:
            continue
        before = clause[number - 1].plain if number else ""
        after = clause[number + 1].plain if number + 1 < len(clause) else ""
        asking = before in ("tell", "give", "show", "let") or (
            word.plain == "you" and before in ("can", "could", "would", "will")
        )
        insisting = after in ("know", "must", "asked", "mean") or (
            word.first and after in ("need", "want")
        )
        if not asking and not insisting:
            return True
    return False


def _content(
    read: Reading, clause: Sequence[Word], number: int, subject: frozenset[str], owned: bool
) -> bool:
    word = clause[number]
    bare = word.bare
    if word.part_of(subject) or len(bare) < 2 or bare in YOU_AND_I or bare in QUESTION:
        return False
    if not _in_name(read, clause, number):
        if bare in STOP or bare in NUDGES or bare in _GREETINGS or bare in FORMS:
            return False
        if bare in RELATIONS and not (word.text.isupper() and not read.one_case):
            near = clause[number - 1] if number > 1 else word
            compound = not near.capital and near.bare not in RELATIONS
            return owned or (compound and _content(read, clause, number - 1, subject, False))
    if not word.capital or word.first or read.german or read.one_case:
        return True
    before = clause[number - 1].plain if number and word.gap == " " else ""
    if before in _COMPARED:
        return False
    # "And in Paris?" asks for something else of the same.
    return _named(read, clause, number) or len(clause) > 4


def _named(read: Reading, clause: Sequence[Word], number: int) -> bool:
    """Whether a word is a name, and not of a mere place."""
    word = clause[number]
    if not word.capital or word.first or read.german or read.one_case:
        return False
    before = clause[number - 1].plain if number and word.gap == " " else ""
    return before not in PLACE or before in OF


def _in_name(read: Reading, clause: Sequence[Word], number: int) -> bool:
    """Whether a word stands in a name of several words ("Will Smith")."""
    if read.one_case or not clause[number].capital or clause[number].first:
        return False
    near = [*clause[max(0, number - 1) : number], *clause[number + 1 : number + 2]]
    return any(word.capital and not word.says_nothing and not word.first for word in near)
