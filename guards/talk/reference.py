"""Whom a text speaks of: the subject of a rule, a namesake, somebody said before.

Rules of thumb over capitals, pronouns and word order; no model, no list of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guards.text.fold import fold
from guards.text.words import STOP

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE_START = re.compile(r"(?:^|[!?…:\n]|(?<!\b[^\W\d_])\.)[\s\"'“”‘’«»¿¡(\-*]*$")

_PRONOUNS = frozenset(
    "he she him her his hers they them their theirs himself herself themselves "
    "er sie ihn ihm ihr ihre ihren ihrem ihrer ihres seine seinen seinem seiner seines "
    "il elle ils elles lui leur leurs sa ses "
    "él ella ellos ellas su sus "
    "lui lei egli loro suo sua suoi "
    "она он её ее его ей ему".split()
)
_POLITE = frozenset("sie ihr ihre ihren ihrem ihrer ihres lei loro suo sua suoi".split())
_THINGS = frozenset("it its this that esto esa questo ciò ça".split())
PLACE = frozenset(
    "in at from to near of on by im aus nach bei von à en au aux de du desde a di da".split()
)
"""Words before a capital that make it a place rather than a subject."""
_GERMAN = frozenset("der das und ist wo wer wie wurde welche welcher welches ein eine sie".split())
_LEADS = frozenset(
    "and also what why when where who how which und auch warum wann wo wer wie welche et pourquoi "
    "quand où qui comment quel quelle y también cuándo dónde quién cómo cuál e anche perché quando "
    "dove chi come quale".split()
)
_TITLES = frozenset(
    "dr doctor prof professor mr mrs ms miss sir dame lady lord herr frau monsieur madame señor "
    "señora signor signora".split()
)
_FRAMES = frozenset(
    "did does do was is has had tell describe the if can could would will are were about give name "
    "list write".split()
)
_YOU_AND_I = frozenset(
    "you your i i'm my me we our us du dein ich mein wir tu te je mon tú yo io mio".split()
)
_GO_ON = re.compile(
    r"\W*(?:please\s+)?(?:(?:go|carry) on|continue|(?:tell me )?(?:some )?more(?: details?)?|"
    r"elaborate|weiter|mehr|continue[zr]?|encore|más|continúa|continua|ancora)(?:\s+please)?\W*",
    re.IGNORECASE,
)
_SPEAKING_OF = frozenset(
    "is was did does do has had about and or "
    "ist war wurde hat über und est était a sur et es fue sobre y è era su e".split()
)
_HAN_PRONOUN = re.compile("彼女|彼|她|他|그녀|その人")
_AND = frozenset("and und et y e".split())
_NO_NAMES = _LEADS | PLACE | _GERMAN | _PRONOUNS | _FRAMES | STOP
_BRIEF = 6
_VERY_BRIEF = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text."""

    text: str
    plain: str
    """In lower case, without a possessive ending."""
    folded: str
    capital: bool
    first: bool
    """Whether it begins a sentence, where a capital says nothing."""

    def part_of(self, subject: frozenset[str]) -> bool:
        """Whether it is one of the folded words of a name, or its plural or possessive."""
        word = self.folded
        return (
            word in subject
            or word.removesuffix("'s") in subject
            or word.removesuffix("s") in subject
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text, taken apart once however many rules ask about it."""

    words: tuple[Word, ...]
    asks: bool
    goes_on: bool
    german: bool
    one_case: bool

    @classmethod
    def of(cls, text: str) -> Reading:
        """Take a text apart."""
        words = tuple(_words(text))
        return cls(
            words=words,
            asks=text.rstrip().endswith(("?", "？")),
            goes_on=_GO_ON.fullmatch(text) is not None,
            german=not _GERMAN.isdisjoint(word.plain for word in words),
            one_case=len({word.capital for word in words}) < 2,
        )


def refers_back(read: Reading, subject: frozenset[str]) -> bool:
    """Whether a text speaks of what was spoken of before.

    What `points_back` does, and so does a question too short to have a subject of its own
    ("And when?").
    """
    if points_back(read, subject):
        return True
    named = any(_new_subject(read, number, subject) for number in range(len(read.words)))
    return not named and _elliptical(read)


def points_back(read: Reading, subject: frozenset[str], *, persons: bool = False) -> bool:
    """Whether a word of a text can only be understood by what was said before.

    `subject` are the folded words of the subject's names: a first name alone ("And Mira's
    sister?") points back too. A pronoun counts (English, German, French, Spanish, Italian)
    unless the text spoke of somebody else before it ("Who is Plato and when did he die?"; not
    "Answer like Bob would: where was she born?"). With `persons`, "it" and "go on" do not count.
    """
    if read.goes_on and not persons:
        return True
    words = read.words
    brief = len(words) <= _BRIEF
    explained = False
    for number, word in enumerate(words):
        if word.capital and word.part_of(subject) and not _in_other_name(words, number, subject):
            return True
        pronoun = word.plain in _PRONOUNS and not (
            word.capital and not word.first and word.plain in _POLITE
        )
        thing = brief and not persons and word.plain in _THINGS
        if not explained and (pronoun or thing or _HAN_PRONOUN.search(word.text)):
            return True
        explained = explained or (_new_subject(read, number, subject) and _spoken_of(words, number))
    return False


def speaks_of(
    read: Reading, subject: frozenset[str], no_names: frozenset[str] = frozenset()
) -> bool | None:
    """Whether a text uses a word of the subject's names for the subject.

    True: some such word stands there, and not within another person's name. False: such words
    stand only within other names ("Tom Quell" for Mira Quell). None: no such word. `no_names`
    are folded words that are part of no name whatever their capitals say ("Was Quell Born?").
    """
    known = [number for number, word in enumerate(read.words) if word.part_of(subject)]
    if not known:
        return None
    ignored = subject | no_names
    return read.one_case or any(not _in_other_name(read.words, n, ignored) for n in known)


def _words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        word = match.group()
        before = text[max(0, match.start() - 12) : match.start()]
        first = match.start() == 0 or _SENTENCE_START.search(before) is not None
        plain = word.casefold().replace("’", "'").removesuffix("'s")
        yield Word(word, plain, fold(word).text, word[0].isupper(), first)


def _in_other_name(words: Sequence[Word], number: int, subject: frozenset[str]) -> bool:
    """Whether a word of the subject's names is part of another one ("Tom Quell", "Mira Hart")."""
    word = words[number]
    if number and not word.first:
        before = words[number - 1]
        empty = before.plain in _TITLES or _says_nothing(before)
        if before.capital and not before.part_of(subject) and not empty:
            return True
    if number + 1 == len(words) or word.text.casefold() != word.plain:
        return False  # after a possessive something else begins
    after = words[number + 1]
    named = after.capital and not after.first and not after.part_of(subject)
    return named and not _says_nothing(after)


def _says_nothing(word: Word) -> bool:
    """Whether a word is a question or function word, no name, even with a capital."""
    return word.plain in _NO_NAMES


def _new_subject(read: Reading, number: int, subject: frozenset[str]) -> bool:
    """Whether a word names somebody else: a capital inside a sentence that is not a place.

    Where nouns are written with capitals, and at the start of a sentence, it takes two.
    """
    word = read.words[number]
    if not word.capital or word.part_of(subject) or word.plain.split("'")[0] == "i":
        return False
    if word.first or read.german:
        after = read.words[number + 1] if number + 1 < len(read.words) else None
        pair = after and after.capital and not after.first and not after.part_of(subject)
        return bool(pair) and not _says_nothing(word)
    return number == 0 or read.words[number - 1].plain not in PLACE


def _spoken_of(words: Sequence[Word], number: int) -> bool:
    """Whether the sentence is about a name: "Who is Plato", not "in Plato's words"."""
    before = number - 1
    while before >= 0 and words[before].plain in _TITLES:
        before -= 1
    return before >= 0 and words[before].plain in _SPEAKING_OF


def _elliptical(read: Reading) -> bool:
    words = read.words
    if not words or not read.asks or not _YOU_AND_I.isdisjoint(word.plain for word in words):
        return False
    return len(words) <= _VERY_BRIEF or (len(words) <= _BRIEF and words[0].plain in _AND)
