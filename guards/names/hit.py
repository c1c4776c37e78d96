"""A name that was seen in a view of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from folding import Folded
from guards.rule import Rule


@dataclass(frozen=True, slots=True)
class NameHit:
    """Something that names a rule, at [start, end) of the searched view's text."""

    rule: Rule
    start: int
    end: int
    detector: str
    """What saw it.

    "name": a phrase of the rule or a sure form of its subject's name; "fuzzy": that name
    misspelt; "surname" and "given": a part of it; "anchor": its subject's name, where the rule
    is not about the whole subject.
    """
    weight: float
    """1: a match by itself; less: what it adds to the cosine of its window to the subject."""

    @property
    def sure(self) -> bool:
        """Whether it matches by itself."""
        return self.weight >= 1


class Find(Protocol):
    """Finds what is named in a view of a text."""

    def __call__(self, view: Folded, written: str, again: bool = False) -> Iterator[NameHit]:
        """All hits; `written` is what the view's offsets refer to.

        `again` says that another view of that text was searched before.
        """
