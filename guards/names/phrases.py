"""Who is named in a text: the phrases of many rules, and the forms of their subjects' names.

Every phrase begins and ends at a word boundary, so a dictionary does: at each word the lengths
of the phrases that begin with it are looked up. Unlike an automaton it is built in small steps,
which stall no other thread.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

from folding import stands_alone
from guards.names.forms import forms, name_words
from guards.names.hit import NameHit
from guards.names.parts import SURNAME, Parts
from guards.names.people import LIKELY, SURE, People
from guards.names.said import Said, first_word
from guards.names.writings import (
    ANCHOR,
    EPITHET,
    JOINED,
    NAME,
    PERSON,
    PHRASE,
    names_of,
    writings,
)
from guards.rule import Rule
from guards.text.segment import Span

_SENTENCE = 20
"""Letters from which a word is rather a sentence without spaces."""
KINDS = 8
"""More than there are kinds of phrases: see `guards.names.writings`."""
_CALLED = frozenset({NAME, PERSON})


class Names:
    """What names some rules; immutable, shared between threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._phrases: dict[str, int | list[int]] = {}
        """What of which rules a phrase is: the number of a rule times 8, plus the kind.

        Numbers, not tuples: a hundred thousand of those would keep the garbage collector busy.
        """
        self._lengths: dict[str, int] = {}
        """The lengths of the longer phrases that begin with a word or symbol, as bits."""
        self._joined: dict[str, int] = {}
        """The same of phrases of one word, by their first letters."""
        self._parts = Parts(rules)
        firsts: set[str] = set()
        words: set[str] = set()
        for number, rule in enumerate(rules):
            names = names_of(rule)
            people = [form for name in names if (form := forms(name))]
            self._add(number, writings(rule, names, people))
            for form in people:
                self._parts.add(number, form)
                firsts.add(form.first)
                words.update((form.first, form.last))
            for name in names:
                words.update(name_words(name)[:2])
        # No methods of this object: a ring of references would keep it beyond its last use.
        named = partial(_numbers, self._phrases, frozenset({PERSON}))
        called = partial(_numbers, self._phrases, _CALLED)
        self._people = People(firsts, words, named, called) if words else None
        symbols = "".join(first for first in self._lengths if not first.isalnum())
        self._symbols = re.compile(f"[{re.escape(symbols)}]") if symbols else None

    def bearers(self, word: str) -> int:
        """How many of the rules have a word as surname, or as rare given name."""
        return self._parts.bearers(word)

    def find(self, said: Said, bearers: Callable[[str], int] | None = None) -> Iterator[NameHit]:
        """All that names a rule, certainly or perhaps, in the words of a view.

        `bearers` is the `bearers` of all the rules, where these are only some of them.
        """
        full: set[int] = set()
        """Where the words of full names begin, which are no mere parts of one."""
        for start, end, number, detector, weight in self._full(said):
            if weight >= LIKELY:
                first = bisect_left(said.starts, start)
                full.update(said.starts[first : bisect_left(said.starts, end, first)])
            yield NameHit(self._rules[number], start, end, detector, weight)
        parts = () if said.again else self._parts.find(said, full, bearers or self.bearers)
        for start, end, number, detector, weight in parts:
            yield NameHit(self._rules[number], start, end, detector, weight)

    def _full(self, said: Said) -> Iterator[tuple[int, int, int, str, float]]:
        """(start, end, rule, detector, weight) of phrases and of full names in other forms."""
        for start, end, first in self._phrases_in(said):
            codes = _codes(self._phrases, said.text[start:end])
            yield from named_as(said, (start, end), first, codes)
        if self._people and not said.again:
            for start, end, number in self._run_on(said):
                yield start, end, number, "name", SURE
            for start, end, number, weight in self._people.find(said):
                yield start, end, number, "name" if weight == SURE else "fuzzy", weight

    def _run_on(self, said: Said) -> Iterator[tuple[int, int, int]]:
        """Names without their spaces inside a sentence without any: "whereismiraquell"."""
        for word, places in said.places.items():
            if len(word) < _SENTENCE:
                continue
            for at in range(len(word) - JOINED + 1):
                for size in _bits(self._joined.get(word[at : at + JOINED], 0)):
                    for number in _numbers(self._phrases, _CALLED, word[at : at + size]):
                        for i in places:
                            start = said.starts[i] + at
                            yield start, start + size, number

    def _phrases_in(self, said: Said) -> Iterator[tuple[int, int, int]]:
        """(start, end, first word) of the phrases that stand alone in the text."""
        text, phrases, lengths = said.text, self._phrases, self._lengths
        for word, places in said.places.items():
            # The longer ones by their first word; of the others the word may be a plural.
            known = lengths.get(word)
            sizes = list(_bits(known)) if known else []
            if word in phrases:
                sizes.append(len(word))
            if word[-1] == "s":
                sizes += (len(word) - cut for cut in (1, 2) if word[:-cut] in phrases)
            for i in places if sizes else ():
                start = said.starts[i]
                for size in sizes:
                    end = min(start + size, len(text))
                    if text[start:end] in phrases and stands_alone(text, start, end):
                        yield start, end, i
        for match in self._symbols.finditer(text) if self._symbols else ():
            start = match.start()
            for length in _bits(lengths[match.group()]):
                end = min(start + length, len(text))
                if text[start:end] in phrases and stands_alone(text, start, end):
                    yield start, end, bisect_left(said.starts, start)

    def _add(self, number: int, writings: Mapping[str, int]) -> None:
        for phrase, kind in writings.items():
            code = number * KINDS + kind
            known = self._phrases.setdefault(phrase, code)
            if isinstance(known, list):
                known.append(code)
            elif known != code:
                self._phrases[phrase] = [known, code]
            first = phrase.partition(" ")[0]
            if first == phrase and len(phrase) >= JOINED:
                begin = phrase[:JOINED]
                self._joined[begin] = self._joined.get(begin, 0) | 1 << len(phrase)
            if not (first.isascii() and first.isalnum()):
                first = first_word(phrase)
            if len(phrase) > len(first) or not first.isalnum():
                self._lengths[first] = self._lengths.get(first, 0) | 1 << len(phrase)


def named_as(
    said: Said, span: Span, first: int, codes: Iterable[int]
) -> Iterator[tuple[int, int, int, str, float]]:
    """(start, end, rule, detector, weight) of what stands at a span of a view.

    `first` is its first word; `codes` are those of the phrase that stands there, the number of a
    rule times `KINDS` and what the phrase is to it.
    """
    start, end = span
    ordinary = None
    for code in codes:
        number, kind = divmod(code, KINDS)
        if kind != PHRASE and ordinary is None:
            ordinary = not said.could_name(first, said.index(end, first))
        if kind == PHRASE or not ordinary:
            yield start, end, number, *_seen_as(kind)
        elif kind >= NAME and " " in said.text[start:end]:
            yield start, end, number, "name", SURNAME


def _codes(phrases: Mapping[str, int | list[int]], phrase: str) -> Sequence[int]:
    codes = phrases.get(phrase)
    if codes is None:
        return ()
    return codes if isinstance(codes, list) else (codes,)


def _numbers(
    phrases: Mapping[str, int | list[int]], kinds: Container[int], phrase: str
) -> list[int]:
    """The rules to which a phrase is one of some kinds."""
    return [code // KINDS for code in _codes(phrases, phrase) if code % KINDS in kinds]


def _seen_as(kind: int) -> tuple[str, float]:
    """The detector and weight of a phrase of some kind."""
    if kind == ANCHOR:
        return "anchor", 0.0
    return ("surname", SURNAME) if kind == EPITHET else ("name", SURE)


@lru_cache(maxsize=4096)
def _bits(lengths: int) -> tuple[int, ...]:
    return tuple(i for i in range(lengths.bit_length()) if lengths >> i & 1)
