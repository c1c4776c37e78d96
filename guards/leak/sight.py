"""What is seen at one place of a reply."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from guards.leak.neighbours import Neighbours
from guards.leak.phrases import Phrases
from guards.leak.watch import Watch
from guards.leak.window import Token, Window
from guards.rule import Rule
from guards.ruleset import RuleSet

Kind = Literal["forbidden", "name", "value", "passage", "fact", "endless"]


@dataclass(frozen=True, slots=True)
class Leak:
    """What a reply is stopped for: the rule that forbids it, and what was about to be told."""

    rule: str | None
    kind: Kind


@dataclass(slots=True)
class Sight:
    """What is seen where a token begins: a leak, or what may become one.

    `holds`: the text may not pass from there on. `again`: what comes decides, and nothing is held.
    """

    leak: Leak | None = None
    holds: bool = False
    again: bool = False


class Eyes:
    """Looks at one place of a window after the other for the phrases that a watch is for."""

    def __init__(self, watch: Watch, window: Window) -> None:
        self._watch = watch
        self._window = window
        self._neighbours = Neighbours(window.apart)

    def look(self, token: Token, rules: RuleSet, final: bool) -> Sight:
        """What begins with a token."""
        text, (start, stop) = self._window.plain, token
        sight = Sight()

        def found(rule: Rule, kind: Kind, end: int) -> None:
            if rules.holds(rule) and not self._watch.allows(rule, text[start:end]):
                sight.leak = sight.leak or Leak(rule.id, kind)

        for segment in rules.segments:
            index = segment.leaks
            seen = index.always.at(text, start, stop, final)
            for end, code in seen.whole:
                rule, named = index.meant(code)
                if not named:
                    found(rule, "forbidden", end)
                elif self._window.could_name(start, end):
                    found(rule, "name", end)
            sight.holds |= seen.open
            if index.together:
                seen = index.together.at(text, start, stop, final)
                for _, code in seen.whole:
                    self._neighbours.saw(*index.meant(code), self._window.base + start)
                sight.again |= seen.open
        for of, phrases in self._near(start):
            seen = phrases.at(text, start, stop, final)
            for end, number in seen.whole:
                found(of[number], "value", end)
            sight.holds |= seen.open
        return sight

    def _near(self, start: int) -> Iterator[tuple[tuple[Rule, ...], Phrases]]:
        """The phrases that are forbidden here by what was asked, or by what else is said."""
        if self._watch.own:
            yield self._watch.matched, self._watch.own
        yield from self._neighbours.beside(self._window.base + start)
