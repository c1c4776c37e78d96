"""Whom a text tells of by itself: names, "my sister", "a farmer"; and whom it does not tell.

Rules of thumb over word order and capitals; no model and no list of names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guards.talk.function_words import DEFINITE, INDEFINITE, MINE, PRONOUNS, YOU_AND_I, YOURS
from guards.talk.named import VERBS, asked_for, is_aside, name_end, reported
from guards.talk.reading import QUOTES, Reading, Word
from guards.talk.vocabulary import HUMANS, KIN, NUDGES, PEOPLE, RELATIONS, TASKS
from guards.text.words import STOP

_AGENT = ("er", "or", "eer", "ier")

_NO_AGENTS = frozenset(
    "number answer letter paper order chapter poster dinner winter summer water matter "
    "power corner center computer river error color factor flavor motor mirror honor favor "
    "labor behavior december october november september character another other never ever "
    "after later older younger longer shorter better either whether rather together however "
    "offer cover flower tower silver member easter chamber master quarter shoulder finger "
    "weather feather leather butter sugar dollar soccer career under over humor horror door "
    "floor major minor".split()
)

_ENDINGS = ("ist", "ists", "ian", "ians", "man", "men", "woman", "women", "person", "smith")

_MANY = frozenset(
    "committee staff police team government family people children men women parents kids "
    "everyone everybody".split()
)

_POSING = frozenset("are am i'm you're be being as like".split())
"""Before "a doctor" it says what somebody is or acts as, and brings no other person."""

_DESCRIBING = frozenset(
    "who whom whose that der die das dessen deren qui que dont cuyo che of by from in on at "
    "with behind known best famous to ever born next near beside sitting playing or and de "
    "du des von di del responsible credited".split()
)

_HUMAN = HUMANS | PEOPLE | KIN

_NOBODY = TASKS | (RELATIONS - KIN) | NUDGES

_DEFINITE_NEAR = DEFINITE - {"that", "die", "des", "la", "le"}


def names_somebody(read: Reading, *, many: bool = False) -> bool:
    """Whether a text itself tells a person whom a later "she" would mean; or `many` by "they"."""
    if any(not asked for _, asked in told_in(read, frozenset())):
        return True
    return many and any(means_many(read, n) for n in range(len(read.words)))


def told_in(read: Reading, subject: frozenset[str]) -> Iterator[tuple[int, bool]]:
    """(where a person has been told, whether it is only asked for: "Which singer")."""
    words = read.words
    aside: set[str] = set()
    end = passed = 0
    for number in range(len(words)):
        end = max(end, title_end(words, number))
        if number < end:
            continue
        end = name_end(read, number, subject)
        if end > number:
            paired = passed and number == passed + 1 and words[passed].plain in ("and", "or")
            if paired or is_aside(words, number, end) or words[number].plain in aside:
                passed = end
                aside.update(word.plain for word in words[number:end])
            else:
                yield end - 1, False
            continue
        kind = _common(words, number)
        if kind is not None and not reported(words, number + 1):
            yield number, kind


def untold(read: Reading, subject: frozenset[str]) -> bool:
    """Whether somebody is meant whom the text itself does not tell ("the author")."""
    words = read.words
    if PEOPLE.isdisjoint(word.bare for word in words):
        return False
    told = next((n for n, asked in told_in(read, subject) if not asked), len(words))
    for number, word in enumerate(words[:told]):
        if word.bare not in PEOPLE or (word.capital and number and words[number - 1].capital):
            continue
        before = words[number - 1].bare if number else ""
        earlier = words[number - 2].bare if number > 1 else ""
        definite = before in DEFINITE or earlier in _DEFINITE_NEAR
        if not definite and not word.plain.startswith("l'"):
            continue
        after = [word.plain for word in words[number + 1 : number + 3]]
        if after and words[number + 1].gap != " " and "_" not in words[number + 1].gap:
            after = []
        if not _described(words, number) and not (after and words[number + 1].capital):
            return True
    return False


def means_many(read: Reading, number: int) -> bool:
    """Whether "they" can mean what stands at a word."""
    words = read.words
    word = words[number]
    before = words[number - 1].plain if number else ""
    named = word.capital and not word.first and not read.one_case and not word.says_nothing
    return named or word.plain == "and" or before in YOURS or _plural(words, number)


def title_end(words: Sequence[Word], number: int) -> int:
    """Where a title in quotation marks ends that begins at a word ('She Will Be Loved')."""
    if not (words[number].quoted and words[number].capital):
        return 0
    for later in range(number + 2, min(number + 9, len(words))):
        if words[later].gap[0] in QUOTES:
            return later
    return 0


def _common(words: Sequence[Word], number: int) -> bool | None:
    """Whether a common noun tells a person (False), asks for one (True), or neither (None)."""
    word = words[number]
    bare = word.bare
    if len(bare) < 2 or (bare in STOP and bare != "son"):
        return None
    if number and words[number - 1].plain in MINE and word.gap == " ":
        # "my essay" is nobody; "my old boss" comes with its own word.
        return None if bare in _NOBODY else False
    human = bare in _HUMAN or (len(bare) > 4 and bare.endswith(_ENDINGS) and not word.capital)
    agent = len(bare) > 5 and bare.endswith(_AGENT) and not word.capital and bare not in _NO_AGENTS
    if not human and not agent:
        return None
    if asked_for(words, number):
        return True
    return False if _introduced(words, number, human) else None


def _introduced(words: Sequence[Word], number: int, human: bool) -> bool:
    """Whether a noun brings a person: "a farmer", "the nurse", "the author of the Iliad".

    "The author" and "the husband" are for the conversation to tell.
    """
    bare = words[number].bare
    place = _determiner(words, number)
    if place and words[place - 1].plain in _POSING:
        return False
    article = words[place].plain if place is not None else ""
    if article in MINE or article in INDEFINITE or (bare in PEOPLE and _described(words, number)):
        return True
    return human and bare not in PEOPLE and bare not in KIN


def _determiner(words: Sequence[Word], number: int) -> int | None:
    """Where the article or the like stands that goes with a noun and its adjectives."""
    for near in range(number - 1, max(-1, number - 5), -1):
        if words[near + 1].gap.strip(" -0123456789"):
            return None
        plain = words[near].plain
        if plain in STOP or plain in YOURS or plain in INDEFINITE:
            return near
    return None


def _described(words: Sequence[Word], number: int) -> bool:
    """Whether what follows a person tells who it is: "the author of the Iliad"."""
    after = words[number + 1 : number + 3]
    if len(after) < 2 or after[0].plain not in _DESCRIBING or after[0].gap != " ":
        return False
    return after[1].plain != "question" and not _pronominal(after[1])


def _pronominal(word: Word) -> bool:
    return word.plain in PRONOUNS or word.plain in YOU_AND_I


def _plural(words: Sequence[Word], number: int) -> bool:
    """Whether a word can be what "they" means: several of a kind, not those asked for."""
    word = words[number]
    text = word.plain
    many = text in _MANY or (
        len(text) > 3
        and text.endswith("s")
        and not text.endswith(("ss", "us", "is"))
        and text not in STOP
        and text not in NUDGES
        and text not in VERBS
    )
    return many and not asked_for(words, number)
