"""What begins at one place of a reply: the phrases that are forbidden there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from guards.blind.phrases import Sought
from guards.leak.neighbours import Neighbours
from guards.leak.phrases import NOTHING, Seen
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


class Matched(NamedTuple):
    """What begins with a token: a leak, or what may become one.

    `holds`: the text may not pass from there on. `again`: what comes decides. `joined`: the ends of
    what is only not forbidden because of what follows it.
    """

    leak: Leak | None = None
    holds: bool = False
    again: bool = False
    joined: tuple[int, ...] = ()


NOTHING_MATCHED = Matched()


class Matcher:
    """Looks for the phrases of a watch at one place of a window after the other."""

    def __init__(self, watch: Watch, window: Window) -> None:
        self._watch = watch
        self._window = window
        self._neighbours = Neighbours(window.apart)

    def fork(self, window: Window) -> Matcher:
        """Others that have seen the same, on a fork of the window."""
        other = Matcher(self._watch, window)
        other._neighbours = self._neighbours.fork(window.apart)
        return other

    def look(self, token: Token, rules: RuleSet, final: bool) -> Matched:
        """What begins with a token."""
        window, (start, stop) = self._window, token
        text = window.plain
        leak: Leak | None = None
        holds = again = False
        joined: tuple[int, ...] = ()
        for segment in rules.segments:
            index = segment.leaks
            seen = index.always.at(text, start, stop, final)
            if seen is not NOTHING:
                holds |= seen.open
                joined += tuple(seen.joined)
                for end, code in self._fresh(seen):
                    rule, named = index.meant(code)
                    if not named or window.could_name(start, end):
                        kind: Kind = "name" if named else "forbidden"
                        leak = leak or self._leak(rule, kind, text[start:end], rules)
            if index.together:
                seen = index.together.at(text, start, stop, final)
                again |= seen.open
                for _, code in seen.whole:
                    self._neighbours.saw(*index.meant(code), window.base + start)
        if self._watch.own or self._neighbours:
            for of, phrases in self._near(start):
                seen = phrases.at(text, start, stop, final)
                holds |= seen.open
                joined += tuple(seen.joined)
                for end, number in self._fresh(seen):
                    leak = leak or self._leak(of[number], "value", text[start:end], rules)
        if leak or holds or again or joined:
            return Matched(leak, holds, holds or again, joined)
        return NOTHING_MATCHED

    def _fresh(self, seen: Seen) -> Iterator[tuple[int, int]]:
        """What stands there and is not wholly in what the reader had before."""
        return (whole for whole in seen.whole if whole[0] > self._window.told)

    def _leak(self, rule: Rule, kind: Kind, text: str, rules: RuleSet) -> Leak | None:
        told = rules.holds(rule) and not self._watch.allows(rule, text)
        return Leak(rule.id, kind) if told else None

    def _near(self, start: int) -> Iterator[tuple[tuple[Rule, ...], Sought]]:
        """The phrases that are forbidden here by what was asked, or by what else is said."""
        if self._watch.own:
            yield self._watch.matched, self._watch.own
        yield from self._neighbours.beside(self._window.base + start)
