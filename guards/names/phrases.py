"""Who is named in a text: the phrases of many rules, and the forms of their subjects' names.

Every phrase begins and ends at a word boundary, so a dictionary does: at each word the lengths
of the phrases that begin with it are looked up. Unlike an automaton it is built in small steps,
which stall no other thread.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from guards.names.forms import Forms, forms, name_words
from guards.names.hit import Find, NameHit
from guards.names.parts import SURNAME, Parts
from guards.names.people import LIKELY, SURE, People
from guards.names.said import Said, first_word
from guards.names.views import loose_view, name_view, sightings
from guards.rule import Rule
from guards.text.boundary import stands_alone

__all__ = ["Find", "NameHit", "Names", "Said", "loose_view", "name_view", "sightings"]

_JOINED, _JOINED_UNSPACED = 8, 4
"""Letters from which a name is also looked for without its spaces: "miraquell"."""

_ANCHOR, _EPITHET, _PHRASE, _NAME, _PERSON = range(5)
"""What a phrase is to a rule, the strongest last; a person's name has two words or more."""
_KINDS = 8
_PLAIN = re.compile("[a-z0-9]+(?: [a-z0-9]+)*")
"""What all views show alike."""


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
        self._parts = Parts(rules)
        firsts: set[str] = set()
        words: set[str] = set()
        for number, rule in enumerate(rules):
            names = _names(rule)
            people = [form for name in names if (form := forms(name))]
            self._add(number, _writings(rule, names, people))
            for form in people:
                self._parts.add(number, form)
                firsts.add(form.first)
                words.update((form.first, form.last))
            for name in names:
                words.update(name_words(name)[:2])
        self._people = People(firsts, words, self._named, self._called) if words else None
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
            ordinary = None
            for code in self._codes(said.text[start:end]):
                number, kind = divmod(code, _KINDS)
                if kind != _PHRASE and ordinary is None:
                    ordinary = not said.could_name(first, said.index(end, first))
                if kind == _PHRASE or not ordinary:
                    yield start, end, number, *_seen_as(kind)
        if self._people and not said.again:
            for start, end, number, weight in self._people.find(said):
                yield start, end, number, "name" if weight == SURE else "fuzzy", weight

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
            code = number * _KINDS + kind
            known = self._phrases.setdefault(phrase, code)
            if isinstance(known, list):
                known.append(code)
            elif known != code:
                self._phrases[phrase] = [known, code]
            first = phrase.partition(" ")[0]
            if not (first.isascii() and first.isalnum()):
                first = first_word(phrase)
            if len(phrase) > len(first) or not first.isalnum():
                self._lengths[first] = self._lengths.get(first, 0) | 1 << len(phrase)

    def _codes(self, phrase: str) -> Sequence[int]:
        codes = self._phrases.get(phrase)
        if codes is None:
            return ()
        return codes if isinstance(codes, list) else (codes,)

    def _named(self, phrase: str) -> list[int]:
        """The rules of which this is the name of a person, of two words or more."""
        return [code // _KINDS for code in self._codes(phrase) if code % _KINDS == _PERSON]

    def _called(self, phrase: str) -> list[int]:
        """The rules of which this is a name."""
        return [code // _KINDS for code in self._codes(phrase) if code % _KINDS >= _NAME]


def _names(rule: Rule) -> list[str]:
    """The names that match by themselves."""
    return [name for name in rule.anchors if name in rule.phrases] if rule.whole_subject else []


def _writings(rule: Rule, names: Sequence[str], people: Sequence[Forms]) -> dict[str, int]:
    """The phrases of a rule as the views show them, and what each is to it."""
    kinds = dict.fromkeys(rule.anchors, _ANCHOR) | dict.fromkeys(rule.phrases, _PHRASE)
    kinds |= dict.fromkeys(names, _NAME)
    for form in people:
        kind = _PERSON if len(form.words) > 1 else _NAME
        kinds |= dict.fromkeys((form.name, *form.phrases), kind)
        if form.epithet:
            kinds.setdefault(form.epithet, _EPITHET)
    found: dict[str, int] = {}
    for phrase, kind in kinds.items():
        strict = phrase if _PLAIN.fullmatch(phrase) else name_view(phrase).text.strip()
        loose = strict if _PLAIN.fullmatch(strict) else loose_view(phrase).text.strip()
        for written in (strict, loose) if loose != strict else (strict,):
            if written:
                found[written] = max(kind, found.get(written, kind))
        joined = strict.replace(" ", "")
        least = _JOINED if joined.isascii() else _JOINED_UNSPACED
        if len(joined) >= least and joined != strict and joined.isalnum():
            found.setdefault(joined, min(kind, _NAME))
    return found


def _seen_as(kind: int) -> tuple[str, float]:
    """The detector and weight of a phrase of some kind."""
    if kind == _ANCHOR:
        return "anchor", 0.0
    return ("surname", SURNAME) if kind == _EPITHET else ("name", SURE)


@lru_cache(maxsize=4096)
def _bits(lengths: int) -> tuple[int, ...]:
    return tuple(i for i in range(lengths.bit_length()) if lengths >> i & 1)
