"""What a fact cannot be told without, as marks, and which of it a sentence says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from guards.blind.marks import mark
from guards.leak.clues import Clues, Value, stems
from guards.leak.told import Said

_CENTURIES = ("18", "19", "20")


def marked_clues(key: bytes, clues: Clues) -> Clues:
    """Clues of which every word and figure is a mark, as hexadecimal digits.

    Of a word that may be said in another form it is that of its beginning.
    """
    values = tuple(
        Value(
            names=_marked(key, value.names),
            figures=_marked(key, value.figures),
            words=_marked(key, map(_shortest, value.words)),
        )
        for value in clues.values
    )
    return Clues(values, _marked(key, map(_shortest, clues.known)))


def said_clues(key: bytes, clues: Sequence[Clues], said: Said) -> tuple[Clues, ...]:
    """Marked clues with the words and figures in place of those that a sentence, or what was
    asked, says; the others are no words."""
    spoken = (*said.asked, *said.words)
    known: dict[str, str] = {}
    for form in (*said.figures, *_years(said.figures), *spoken):
        known.setdefault(_letters(key, form), form)
    for word in spoken:
        known.setdefault(_letters(key, word.removesuffix("s")), word.removesuffix("s"))
    begun = {_letters(key, stem): word for word in spoken for stem in stems(word)}
    return tuple(
        Clues(
            tuple(
                Value(
                    names=_resolved(value.names, known),
                    figures=_resolved(value.figures, known),
                    words=_resolved(value.words, begun),
                )
                for value in each.values
            ),
            _resolved(each.known, begun),
        )
        for each in clues
    )


def _shortest(word: str) -> str:
    """What every form of a word begins with."""
    return next(stems(word))


def _marked(key: bytes, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_letters(key, word) for word in words))


def _letters(key: bytes, word: str) -> str:
    return f"{mark(key, word):016x}"


def _resolved(marks: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(known.get(each, each) for each in marks)


def _years(figures: Iterable[str]) -> Iterable[str]:
    return (f"{c}{figure}" for figure in figures if len(figure) == 2 for c in _CENTURIES)
