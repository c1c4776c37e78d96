"""How a person's name is made: which word is given, which the surname, what else it is called.

Which order a name has cannot be known ("Hsiao Yun-Hwa"): the last word is taken for the surname,
the first one for the given name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from nicknames import NickNamer

_WORD = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r" ?\([^()]*\)")
_SYMBOL = re.compile(r"[^\w\s'.\"“”]")
TITLES = frozenset(
    "dr doctor prof professor mr mrs ms miss sir dame lady lord madam madame monsieur herr frau "
    "senor senora signor signora don dona king queen prince princess duke "
    "duchess count countess baron baroness emperor empress president senator governor judge "
    "justice minister chancellor general colonel captain major lieutenant sergeant admiral "
    "commander saint st pope bishop cardinal father mother brother sister reverend rev rabbi "
    "imam sheikh coach chef uncle aunt hon capt gen col lt sgt".split()
)
SUFFIXES = frozenset("jr sr ii iii iv phd md esq obe mbe cbe".split())
PARTICLES = frozenset(
    "de da di do dos das du del della dello d van von der den het ten ter zu zum la le el al bin "
    "ibn ben bint abu st san santa mac mc o l y e av af".split()
)
_NO_PERSON = frozenset(
    "the a an of and in on at for with to from by or und der die das et les los las un une una "
    "ein eine is are was were not no my your our project operation company inc ltd gmbh corp "
    "group band club university school".split()
) - {"der"}
_OPENING = frozenset("the a an der die das les los las un une una ein eine".split())
_MOST_WORDS = 4
"""Words of a person's name, particles aside."""


@dataclass(frozen=True, slots=True)
class Forms:
    """What the folded name of a person is taken apart into; folded too."""

    name: str
    words: tuple[str, ...]
    """The words of the name, titles and suffixes aside."""
    phrases: tuple[str, ...]
    """Forms that are as good as the name: "anna smith" for "anna nicole smith"."""
    epithet: str | None = None
    """What it was described by: "duchess of sussex"."""

    @property
    def first(self) -> str:
        """The given name, or what stands first."""
        return self.words[0]

    @property
    def last(self) -> str:
        """The surname without its particles, or what stands last."""
        return self.words[-1]


def forms(name: str) -> Forms | None:
    """The forms of a folded name; none where it is hardly a person's.

    A book, a company or an alias such as "the owl" has articles, function words, digits or
    symbols, or too many words.
    """
    plain = _ASIDE.sub("", name) if "(" in name else name
    head, _, tail = plain.partition(",")
    described = name_words(tail) if tail else []
    epithet = None
    if described and described[0] not in SUFFIXES:
        if len(described) > 2 or TITLES.intersection(described):
            epithet = " ".join(described) if len(described) > 2 else None
        elif len(name_words(head)) == 1:  # filed as "Quell, Mira"
            head = f"{tail.strip()} {head}"
    if _SYMBOL.search(head):
        return None
    titled = tuple(name_words(head))
    words = titled
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1] in SUFFIXES:
        words = words[:-1]
    if not _personal(words):
        return None
    found = {" ".join(titled): None} if len(titled) > 1 else {}
    if len(words) > 1:
        found[" ".join(words)] = None
        found[f"{words[0]} {words[-1]}"] = None
    if len(words) == 3 and not PARTICLES.intersection(words):
        found[" ".join((*words[1:], words[0]))] = None  # "yun hwa hsiao"
    return Forms(name, words, tuple(phrase for phrase in found if phrase != name), epithet)


def name_words(name: str) -> list[str]:
    """The words of a folded name."""
    return _WORD.findall(name)


@lru_cache(maxsize=1 << 14)
def related(given: str, filed: str) -> bool:
    """Whether a given name is a form of a filed one ("bill", "william") or fits its initial."""
    if len(filed) == 1:
        return given[0] == filed
    roots = {filed} | _nicknames().canonicals_of(filed)
    forms_of = {filed}.union(*(_nicknames().nicknames_of(root) for root in roots), roots)
    return given in forms_of


@lru_cache(maxsize=1 << 14)
def is_given(word: str) -> bool:
    """Whether a word is a common given name in English, or a short form of one."""
    return bool(_nicknames().nicknames_of(word) or _nicknames().canonicals_of(word))


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


def _personal(words: tuple[str, ...]) -> bool:
    counted = [word for word in words if word not in PARTICLES]
    if not 0 < len(counted) <= _MOST_WORDS or words[0] in _OPENING or words[-1] in PARTICLES:
        return False
    return not _NO_PERSON.intersection(words) and all(word.isalpha() for word in words)
