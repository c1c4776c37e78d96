"""A cell of the table: how something is enforced on a route, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GENERATING = ("chat/completions", "completions", "responses")
"""The routes that generate text, as paths under `/v1/`: the order of a column's cells."""


class How(StrEnum):
    """How something is enforced."""

    SCREENED = "screened"
    """Judged before the request travels."""
    FILTERED = "filtered"
    """Held back and stopped on its way out."""
    REWRITTEN = "rewritten"
    """Replaced or left out by the gateway."""
    REFUSED = "refused"
    """Answered with an error that names it."""
    ABSENT = "absent"
    """The route has no such thing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """How, in a few words, and the test that proves it: a pytest node id under tests/."""

    how: How
    what: str
    proof: str


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that goes in or comes out, with its cells in the order of `GENERATING`."""

    name: str
    cells: tuple[Cell, ...]

    @classmethod
    def of(cls, name: str, *cells: Cell) -> Column:
        """The column of these cells."""
        return cls(name, cells)


def screened(proof: str, what: str = "with the conversation") -> Cell:
    """Judged before the request travels."""
    return Cell(How.SCREENED, what, proof)


def filtered(proof: str, what: str = "like any text") -> Cell:
    """Held back and stopped on its way out."""
    return Cell(How.FILTERED, what, proof)


def rewritten(proof: str, what: str) -> Cell:
    """Replaced or left out by the gateway."""
    return Cell(How.REWRITTEN, what, proof)


def refused(proof: str, what: str) -> Cell:
    """Answered with an error that names it."""
    return Cell(How.REFUSED, what, proof)


def absent(proof: str, what: str = "400 `unknown_field`") -> Cell:
    """The route has no such thing."""
    return Cell(How.ABSENT, what, proof)
