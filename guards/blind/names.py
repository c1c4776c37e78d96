"""Who is named in a prompt, where of the names only the marks are kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, partial

from folding import stands_alone
from guards.blind.known import Known, Look, ends_in
from guards.blind.marks import TOKENS
from guards.names.hit import NameHit
from guards.names.people import reordered
from guards.names.phrases import KINDS, named_as
from guards.names.said import Said
from guards.names.writings import PERSON
from guards.rule import Rule
from guards.text.segment import Span


class BlindNames:
    """What names the blind ones of some rules; immutable, shared between threads.

    Phrases and full names as they were filed, with middle names and reversed; misspelt names and
    parts of them need the text. Every different word is hashed once a view.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        blind = [(n, rule.blind) for n, rule in enumerate(rules) if rule.blind is not None]
        self._known = Known(
            blind[0][1].key if blind else b"",
            ((b.names, [n * KINDS + kind for kind in b.names.codes]) for n, b in blind),
        )

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, said: Said) -> Iterator[NameHit]:
        """All that names a rule in the words of a view."""
        look = cache(self._known.look)  # the same few words, and pairs of them, stand there often
        tokens = [token.span() for token in TOKENS.finditer(said.text)]
        begins: dict[str, tuple[bool, bool]] = {}
        """Of each word whether a phrase begins with it, and whether it is one."""
        for number, (start, stop) in enumerate(tokens):
            word = said.text[start:stop]
            if word not in begins:
                alone = any(True for _ in ends_in(look, word, 0, len(word)))
                begins[word] = look(word).begins, alone
            goes_on, alone = begins[word]
            if goes_on or alone:
                yield from self._from(said, tokens, number, look)
            if goes_on and not said.again and word.isalnum():
                first = bisect_left(said.starts, start)
                for begin, end, rule, weight in reordered(said, first, partial(_persons, look)):
                    yield NameHit(self._rules[rule], begin, end, "name", weight)

    def _from(
        self, said: Said, tokens: Sequence[Span], number: int, look: Look
    ) -> Iterator[NameHit]:
        """What names a rule from a token on."""
        text, start = said.text, tokens[number][0]
        first = bisect_left(said.starts, start)
        for place in range(number, len(tokens)):
            stop = tokens[place][1]
            for end, codes in ends_in(look, text, start, stop):
                if stands_alone(text, start, end):
                    for found in named_as(said, (start, end), first, codes):
                        begin, behind, rule, detector, weight = found
                        yield NameHit(self._rules[rule], begin, behind, detector, weight)
            if not look(text[start:stop]).begins:
                return


def _persons(look: Look, name: str) -> list[int]:
    """The rules of which a phrase is a person's full name."""
    return [code // KINDS for code in look(name).codes if code % KINDS == PERSON]
