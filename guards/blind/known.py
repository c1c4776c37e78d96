"""Many phrases known by their marks, and the runs of words of a text that are one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from guards.blind.marks import Marks, mark

_ENDINGS = {"s": (1,), "es": (1, 2)}
"""Characters of plural endings, which belong to the word of the text and not to the phrase."""


class Known:
    """The phrases of many rules, each with codes; immutable, shared between threads.

    `phrases` are marks with what their codes become.
    """

    def __init__(self, key: bytes, phrases: Iterable[tuple[Marks, Sequence[int]]]) -> None:
        self._key = key
        self._codes: dict[int, tuple[int, ...]] = {}
        begun: set[int] = set()
        for marks, codes in phrases:
            for number, code in zip(marks.whole.tolist(), codes, strict=True):
                self._codes[number] = (*self._codes.get(number, ()), code)
            begun.update(marks.begun.tolist())
        self._begun = frozenset(begun)

    def __bool__(self) -> bool:
        return bool(self._codes)

    def look(self, text: str) -> Looked:
        """What a text is that ends with a word or symbol."""
        number = mark(self._key, text)
        return Looked(self._codes.get(number, ()), number in self._begun)


class Looked(NamedTuple):
    """The codes of a text as a whole phrase, and whether a longer phrase begins so."""

    codes: Sequence[int]
    begins: bool


Look = Callable[[str], Looked]
"""`Known.look`, or what remembers its answers."""


def ends_in(look: Look, text: str, start: int, end: int) -> Iterator[tuple[int, Sequence[int]]]:
    """(end, codes) of the phrases from `start` to the end of a token, or to its plural's."""
    last = text[max(start, end - 2) : end]
    for cut in (0, *_ENDINGS.get(last, _ENDINGS.get(last[-1], ()))):
        if end - cut > start and (codes := look(text[start : end - cut]).codes):
            yield end - cut, codes
