"""Replies to a prompt that matched: they go out sentence by sentence, so that none tells a fact."""

from __future__ import annotations

from collections.abc import Iterator

from guards.blind.clues import said_clues
from guards.leak.filter import LeakFilter
from guards.leak.matcher import Leak
from guards.leak.told import Said, tells
from guards.leak.watch import Watch
from guards.leak.weighing import SHIPPED
from guards.rule import Encode
from guards.text.segment import ends

_LONGEST = 1_000
"""Characters that are held where no sentence ends."""


class Sentences:
    """A `LeakFilter` that holds one sentence: each goes out once it is known not to tell a fact.

    `question` is what was asked, `encode` the encoder; its errors propagate, and nothing more may
    pass then. A sentence takes milliseconds, so call it in a thread.
    """

    def __init__(self, watch: Watch, question: str, encode: Encode, before: str = "") -> None:
        self.leak: Leak | None = None
        self._rules = [rule for rule in watch.matched if rule.clues and rule.paraphrases]
        self._question = question
        self._encode = encode
        self._leaks = LeakFilter(watch, before)
        self._begun = ""

    @property
    def held(self) -> int:
        """Characters that are held back."""
        return len(self._begun) + self._leaks.held

    @property
    def undecided(self) -> int:
        """Characters of them with which something forbidden may have begun."""
        return self._leaks.held

    @property
    def pending(self) -> str:
        """The end of the text with which something forbidden may have begun, or may yet."""
        return self._leaks.pending

    def feed(self, text: str) -> str:
        """What may be said now that so much more of the text is there."""
        return self._judged(self._leaks.feed(text), final=False)

    def flush(self) -> str:
        """What may be said now that the text has ended."""
        return self._judged(self._leaks.flush(), final=True)

    def _judged(self, text: str, final: bool) -> str:
        if self.leak is not None:
            return ""
        self._begun += text
        passed = ""
        for sentence in self._complete(final or self._leaks.leak is not None):
            rule = self._told(sentence)
            if rule is not None:
                self.leak = Leak(rule, "fact")
                return passed
            passed += sentence
        self._begun = self._begun[len(passed) :]
        self.leak = self._leaks.leak
        return passed

    def _complete(self, final: bool) -> Iterator[str]:
        """The sentences that have ended; a very long one counts as if it had."""
        begin = 0
        for end in ends(self._begun):
            if end < len(self._begun) or final:  # else more may still end it
                yield self._begun[begin:end]
                begin = end
        if begin < len(self._begun) and (final or len(self._begun) - begin > _LONGEST):
            yield self._begun[begin:]

    def _told(self, sentence: str) -> str | None:
        """The rule of which a sentence tells a fact."""
        if not any(map(str.isalnum, sentence)):
            return None
        said = Said.of(sentence.strip(), self._question, self._encode)
        for rule in self._rules:
            clues = rule.clues
            if rule.blind is not None:
                clues = said_clues(rule.blind.key, clues, said)
            if tells(said, rule.told, clues) >= SHIPPED.threshold:
                return rule.id
        return None
