"""One sentence of a conversation, and what it says of a subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

from folding import UNSPACED, fold
from guards.leak.phrases import Phrases
from guards.leak.plain import TOKEN, plain
from guards.talk.certainty import META, NEUTRAL, UNSURE, stem
from guards.talk.function_words import PERSONAL, YOU_AND_I
from guards.talk.vocabulary import KIN

Runs = tuple[tuple[str, ...], ...]
"""Words that tell something, in the order in which they were said."""

_BLANK = re.compile(r"_{2,}|\.{3,}|…|[\[<{(]\s*[\]>})]|/")
"""What is left to be filled in, or to be chosen from."""
_ITEM = r"(?:[A-ZÀ-Þ]\w*(?: [A-ZÀ-Þ]\w*){0,2}|\d+)"
_LISTED = re.compile(rf"\b{_ITEM}, {_ITEM}(?:,|,? (?:and|und|et|y|e|&)) {_ITEM}\b")
"""Three of a kind in a row, as candidates stand."""
_ENDS_ASKING = re.compile(r"[?？؟][\"'”’»)\s]*$")
_MAY = re.compile(r"(?<=\d )May\b|\bMay(?= \d)")
"""The month, which leaves nothing open."""
_NOT = re.compile(r"n['’]t\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence of a conversation, and what it says of a subject.

    `telling` are its folded words that tell something, in order, without the subject's names;
    `kinds` says of each whether it is a name ("n"), a figure ("f") or another word ("w"), and
    `place` before which of them the subject is mentioned. `words` are all words in small letters.
    """

    text: str = field(repr=False)
    words: frozenset[str] = field(repr=False)
    telling: tuple[str, ...] = field(repr=False)
    kinds: str
    place: int
    about: bool
    """Whether it is about the subject."""
    asks: bool
    stated: bool
    """Whether it states something about the subject for sure."""

    @property
    def relations(self) -> frozenset[str]:
        """The telling words that are neither names nor figures."""
        return frozenset(w for w, kind in zip(self.telling, self.kinds, strict=True) if kind == "w")

    def speaks_of(self, asked: frozenset[str]) -> bool:
        """Whether it has all the words that are asked for, by stems, and no relative but those."""
        kin = {stem(fold(word).text) for word in self.words & KIN}
        return kin <= asked <= {stem(word) for word in self.telling}

    def answers(self, asked: frozenset[str]) -> bool:
        """Whether it says what it speaks of about the subject and nobody else.

        Nothing may stand between: "Mira Quell met a man who was born there" says nothing of her
        birth, neither does "Mira Quell's neighbour was born there", or "Tom Hart was born near Mira
        Quell".
        """
        stems = [stem(word) for word in self.telling]
        last = max(n for n, word in enumerate(stems) if word in asked)
        before = list(zip(stems[: self.place], self.kinds, strict=False))
        lead = {word for word, kind in before if kind == "w"}
        other = (n for n, (word, kind) in enumerate(before) if kind == "n" and word not in asked)
        if any(word in asked for word, _ in before[next(other, len(before)) :]):
            return False
        between = set(stems[self.place : last + 1])
        if last == len(stems) - 1:  # "Sie wurde in Port Hale geboren"
            kinds = self.kinds[self.place :]
            between = {w for w, k in zip(stems[self.place :], kinds, strict=True) if k == "w"}
        return lead | between <= asked

    def answer(self, asked: frozenset[str]) -> Runs:
        """What stands behind the last word asked for, else before it: names, and figures.

        Where there are other words they are one run with both: "far from Port Hale".
        """
        places = {n for n, word in enumerate(self.telling) if stem(word) in asked}
        others = [n for n in range(len(self.telling)) if n not in places]
        behind = [n for n in others if n > max(places)]
        if any(self.kinds[n] == "w" for n in behind or others):
            return tuple(self.telling[n] for n in behind or others), ()
        runs = []
        for wanted in "nf":
            of_kind = [n for n in others if self.kinds[n] == wanted]
            runs.append([n for n in of_kind if n in behind] or of_kind)
        names, figures = (tuple(self.telling[n] for n in run) for run in runs)
        return names, figures


def remark_of(text: str, names: Phrases, *, about: bool) -> Remark:
    """A sentence as what it says of the subject with these names, if it is `about` that one."""
    folded = plain(text)
    spans = mentions(folded.text, names)
    named = {place for span in spans for place in range(*span)}
    tokens = [
        token
        for token in TOKEN.finditer(folded.text)
        if token.group()[0].isalnum() and token.start() not in named
    ]
    tells = [token.group() not in NEUTRAL for token in tokens]
    written = [text[folded.offsets[token.start()]] for token in tokens]
    kinds = "".join(compress(_kinds([t.group() for t in tokens], written), tells))
    mention = spans[0][0] if spans else next(
        (t.start() for t in tokens if t.group() in PERSONAL), len(folded.text)
    )  # fmt: skip
    words = frozenset(word.casefold() for word in _WORD.findall(_MAY.sub("", text)))
    return Remark(
        text=text,
        words=words,
        telling=tuple(token.group() for token in compress(tokens, tells)),
        kinds=kinds,
        place=sum(token.start() < mention for token in compress(tokens, tells)),
        about=about,
        asks=_ENDS_ASKING.search(text) is not None,
        stated=about and _states(text, words),
    )


def _kinds(words: Sequence[str], written: Sequence[str]) -> Iterator[str]:
    """What each word is, by its first letter as it was written; "March 1981" are two figures."""
    figures = [is_figure(word) for word in words]
    capitals = [letter.isupper() for letter in written]
    for number, capital in enumerate(capitals):
        beside = figures[max(0, number - 1) : number + 2]
        if figures[number] or (capital and any(beside)):
            yield "f"
        else:
            # Whether a sentence begins with a name is told by the word after it.
            named = capital and (number > 0 or any(capitals[1:2]))
            yield "n" if named else "w"


def _states(text: str, words: frozenset[str]) -> bool:
    """Whether a sentence about somebody states something: affirmed, sure, about that one alone."""
    if any(sign.search(text) for sign in (_ENDS_ASKING, _BLANK, _LISTED, _NOT, UNSPACED)):
        return False
    return words.isdisjoint(UNSURE) and words.isdisjoint(META) and words.isdisjoint(YOU_AND_I)


def is_figure(word: str) -> bool:
    """Whether a word is written with digits."""
    return any(character.isdecimal() for character in word)


def mentions(folded: str, names: Phrases) -> list[tuple[int, int]]:
    """Where the names stand in a text in the form of `guards.leak.plain`."""
    return [
        (token.start(), end)
        for token in TOKEN.finditer(folded)
        for end, _ in names.at(folded, *token.span(), True).whole
    ]
