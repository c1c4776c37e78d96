"""The numbers and literals of JSON, character by character.

A state is named by the shortest text that leads to it: "0." is a number that needs a digit after
its point, "tru" a literal that is not whole yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LITERALS = ("true", "false", "null")
_FRACTION = {".": "0."}
_EXPONENT = dict.fromkeys("eE", "0e")


def _digits(state: str) -> dict[str, str]:
    return dict.fromkeys("0123456789", state)


BEGIN: Final[Mapping[str, str]] = {
    **_digits("1"),
    "0": "0",
    "-": "-",
    **{word[0]: word[0] for word in _LITERALS},
}
"""The state that each character leads to which a scalar may begin with."""

NEXT: Final[Mapping[str, Mapping[str, str]]] = {
    "-": {**_digits("1"), "0": "0"},
    "0": {**_FRACTION, **_EXPONENT},
    "1": {**_digits("1"), **_FRACTION, **_EXPONENT},
    "0.": _digits("0.0"),
    "0.0": {**_digits("0.0"), **_EXPONENT},
    "0e": {**_digits("0e0"), **dict.fromkeys("+-", "0e+")},
    "0e+": _digits("0e0"),
    "0e0": _digits("0e0"),
    **{
        word[:length]: {word[length]: word[: length + 1]}
        for word in _LITERALS
        for length in range(1, len(word))
    },
    **{word: {} for word in _LITERALS},
}
"""For each state, where a further character of the scalar leads."""

REST: Final[Mapping[str, str]] = {
    "": "",
    **dict.fromkeys(NEXT, ""),
    **dict.fromkeys(("-", "0.", "0e", "0e+"), "0"),
    **{word[:length]: word[length:] for word in _LITERALS for length in range(1, len(word))},
}
"""For each state, and outside of scalars, what makes it whole."""
