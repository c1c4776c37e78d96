"""The leak filter: a reply in pieces goes in, what of it may be said comes out."""

from __future__ import annotations

from copy import copy
from typing import Self

from folding import stands_alone
from guards.leak.book import Recitals
from guards.leak.matcher import Leak, Matcher
from guards.leak.phrases import LONGEST_ENDING
from guards.leak.runs import Runs
from guards.leak.shingles import is_word
from guards.leak.watch import Watch
from guards.leak.window import KEPT, Token, Window
from guards.ruleset import RuleSet

_MOST_HELD = 65_536
"""Characters held back. No phrase is so long: more of them are blanks that are made to burst it."""


class LeakFilter:
    """Holds back the longest suffix of a text that could still become something forbidden.

    All else passes as it comes, unchanged. At a leak `leak` is set and nothing passes any more:
    what was held is dropped, so that what is forbidden was never begun. Of a passage seven words
    pass before the eighth in a row is stopped.

    `before` is text that the reader has already, such as the beginning of an answer that the model
    goes on with: what begins there may not be completed. Linear in the length of the text; memory
    is bounded. Not thread-safe.
    """

    def __init__(self, watch: Watch, before: str = "") -> None:
        self.leak: Leak | None = None
        self._watch = watch
        self._revision = watch.rules().revision
        self._window = Window()
        self._matcher = Matcher(watch, self._window)
        self._runs = Runs(watch)
        self._recitals = Recitals((), self._window.apart)
        self._open: list[Token] = []
        """The complete tokens with which something may have begun."""
        self._joined: list[Token] = []
        """What is only not forbidden because of what follows it, which has not passed yet."""
        if before:
            self._window.take(before[-KEPT:])
            self._window.told = len(self._window.plain)
            self._look(watch.rules(), final=False)
            self._window.release(None)
        # What the reader has already is no matter of books.
        self._recitals = Recitals(watch.books, self._window.apart)

    def fork(self) -> Self:
        """Another one that has read the same text, to be tried with what might follow."""
        other = copy(self)
        other._window = self._window.fork()
        other._matcher = self._matcher.fork(other._window)
        other._runs = self._runs.fork()
        other._recitals = self._recitals.fork(other._window.apart)
        other._joined = [*self._joined]
        return other

    @property
    def held(self) -> int:
        """Characters that are held back."""
        return len(self._window.raw) - self._window.sent

    @property
    def undecided(self) -> int:
        """Characters with which something forbidden may have begun: all that are held."""
        return self.held

    @property
    def pending(self) -> str:
        """The end of the text with which something forbidden may have begun, or may yet."""
        return self._window.after(self._open[0][0] if self._open else self._window.next)

    def feed(self, text: str) -> str:
        """What may be said now that so much more of the text is there."""
        return self._pass(text, final=False)

    def flush(self) -> str:
        """What may be said now that the text has ended."""
        return self._pass("", final=True)

    def _pass(self, text: str, final: bool) -> str:
        if self.leak is not None or not (text or final):
            return ""
        window = self._window
        window.take(text)
        passed = window.release(self._look(self._watch.rules(), final))
        if self.held > _MOST_HELD and self.leak is None:
            self.leak = Leak(None, "endless")
        if len(window.plain) > 4 * KEPT and (
            gone := window.trim(min([window.next, *(t[0] for t in (*self._open, *self._joined))]))
        ):
            self._open = [(start - gone, stop - gone) for start, stop in self._open]
            self._joined = [(start - gone, stop - gone) for start, stop in self._joined]
        return passed

    def _look(self, rules: RuleSet, final: bool) -> int | None:
        """The place up to which the text may pass; None: all of it. Sets `leak`."""
        held: int | None = None
        undecided, self._open = self._open, []
        if rules.revision != self._revision:
            # What was filed just now may have begun before.
            begin = min((start for start, _ in undecided), default=self._window.next)
            self._revision, undecided = rules.revision, self._window.lately(begin)
        fresh = self._window.tokens(final)
        passages, recitals = rules.passages, bool(self._recitals)
        for number, token in enumerate((*undecided, *fresh)):
            growing = token[0] == self._window.next
            self.leak, holds, again, joined = self._matcher.look(token, rules, final)
            if joined:
                self._joined += [(token[0], end) for end in joined]
            if passages and self.leak is None and number >= len(undecided):
                holds |= self._runs_on(token, growing, rules)
            if recitals and self.leak is None and number >= len(undecided):
                holds |= growing or self._leaves_book(token)
            if (holds or self.leak is not None) and held is None:
                held = token[0]
            if self.leak is not None:
                break
            if not growing:
                if again:
                    self._open.append(token)
            elif not holds and self._window.give_up() and passages:
                self._runs_on(token, False, rules)
        return self._before_joined(held)

    def _before_joined(self, held: int | None) -> int | None:
        """Where to hold, so that no end of what passes makes a word of the beginning of another.

        "Quells'3" does not name Quell, "Quells'" does: neither passes while the 3 is held.
        """
        if held is None or not self._joined:
            self._joined.clear()
            return held
        plain = self._window.plain
        for start, end in sorted(self._joined, reverse=True):
            if start < held and end <= held and stands_alone(plain[:held], start, end):
                held = start
        # Behind the longest ending of a word it is settled whether that was one.
        self._joined = [each for each in self._joined if each[1] + LONGEST_ENDING >= held]
        return held

    def _leaves_book(self, token: Token) -> bool:
        """Whether more is told than a word of what the user stated; sets `leak`."""
        window = self._window
        rule = self._recitals.beyond(window.plain[slice(*token)], window.base + token[0])
        if rule is not None:
            self.leak = Leak(rule, "fact")
        return rule is not None

    def _runs_on(self, token: Token, growing: bool, rules: RuleSet) -> bool:
        """Whether a run of words up to this one is, or may be, one of a passage; sets `leak`."""
        word = self._window.plain[slice(*token)]
        if not is_word(word):
            return False
        rule = self._runs.peek(word, rules) if growing else self._runs.add(word, rules)
        if rule is not None and not growing and token[1] > self._window.told:
            self.leak = Leak(rule.id, "passage")
        return rule is not None


def leak_in(text: str, watch: Watch) -> Leak | None:
    """What a whole text tells, read by itself."""
    leaks = LeakFilter(watch)
    leaks.feed(text)
    leaks.flush()
    return leaks.leak
