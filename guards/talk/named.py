"""Where a name stands in a text by its capitals, and whether it is whom the text speaks of."""

from __future__ import annotations

from collections.abc import Sequence

from guards.talk.function_words import ASIDE, OF, PLACE, PRONOUNS, TITLES
from guards.talk.reading import Reading, Word
from guards.talk.vocabulary import HUMANS, KIN, LANDMARKS, NUDGES, RELATIONS, WORKS
from guards.text.words import STOP

_PRETENDING = frozenset(
    "pretending assuming assume imagining pretend imagine act suppose be play i'm am you're".split()
)

_BEING = frozenset("are be am as i'm you're".split())
_SENTENCE = 8
_SAYING = frozenset("says said claims thinks believes bets asked asks told insists swears".split())

_WISHING = frozenset("would wants needs wishes likes".split())

VERBS = frozenset(
    "is was has had does did can will would gave gives got went goes told tells said says made "
    "makes took takes came comes saw wrote met bought sold ran won lost left found kept".split()
)

_ADVERBS = frozenset("first also later then never once soon".split())

_SPEAKING_OF = frozenset(
    "is was did does do has had about and or ist war wurde hat über und est était a sur et es fue "
    "sobre y è era su e".split()
)

WHICH = frozenset("which what many welche welcher welches welchem welchen".split())

_PARTICLES = frozenset("da de del der di du el ibn la le van von".split())

_LANDS = frozenset("capital population president king currency flag history map coast".split())

_HEADS = RELATIONS | HUMANS

_PLACES = PLACE - OF

_FAR = 4


def name_end(read: Reading, number: int, subject: frozenset[str]) -> int:
    """Where a name that begins at a word ends; the same word where none begins."""
    words = read.words
    word = words[number]
    if not _capital(word) or word.part_of(subject) or read.one_case or word.says_nothing:
        return number
    end = number + 1
    while end < len(words):
        if _capital(words[end]) and _joined(words, end, subject):
            end += 1
        elif words[end].plain in _PARTICLES and end + 1 < len(words) and words[end + 1].capital:
            end += 2
        else:
            break
    if end > number + 1:
        return end
    if word.plain in NUDGES:
        return number
    if word.first and word.owner:
        return end
    if word.first:
        return end if _acts(words, end) and not read.german else number
    return end if _subject_like(words, number, end) else number


def is_aside(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a name is no subject: a place, a work, a comparison, somebody who asks."""
    begin = start
    while begin and words[begin - 1].plain in TITLES:
        begin -= 1
    before = words[begin - 1].plain if begin else ""
    says = reported(words, end)
    acts = before not in ASIDE and not says and _acts(words, end)
    if _no_person(words, start, end) or (before in WORKS and not acts) or _posed(words, begin):
        return True
    titled = begin < start or words[start].plain in TITLES
    if words[end - 1].owner or (titled and not says):
        return False
    return says or (not acts and _beside(words, begin, end, before))


def _no_person(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether a name is of something else: a title in quotes, "TV", "Blue River"."""
    if words[start].quoted or (end - start == 1 and words[start].text.isupper()):
        return True
    return any(word.plain in LANDMARKS for word in words[start:end])


def _posed(words: Sequence[Word], begin: int) -> bool:
    """Whether somebody is only to be acted: "Pretend you are Bob."."""
    if not begin or words[begin - 1].plain not in _BEING:
        return False
    sentence = begin
    while sentence and not words[sentence].first and begin - sentence < _SENTENCE:
        sentence -= 1
    return any(word.plain in _PRETENDING for word in words[sentence:begin])


def _beside(words: Sequence[Word], begin: int, end: int, before: str) -> bool:
    """Whether a name only tells where, with whom, of what, or which of several."""
    if asked_for(words, begin):
        return True
    if before == "of" and begin > 1 and words[begin - 2].plain in _LANDS:
        return True
    if not begin or words[begin].gap != " ":
        return False
    if before in ASIDE or before in ("are", "at") or words[begin - 1].text == "the":
        return True  # but "The Kid" is all name
    return before in _PLACES and not (end - begin > 1 and before in ("on", "to"))


def reported(words: Sequence[Word], after: int) -> bool:
    """Whether a person before only says or wants something ("Paul claims that you …")."""
    for _ in range(_FAR):
        if after < len(words) and words[after].capital and words[after].gap == " ":
            after += 1
    if after >= len(words):
        return False
    following = [word.plain for word in words[after : after + 5]]
    if following[0] in _SAYING:
        return len(following) < 2 or following[1] not in PRONOUNS
    return following[0] in _WISHING and "know" in following


def asked_for(words: Sequence[Word], number: int) -> bool:
    """Whether a word is what a question asks for: "which old films", not "what do bees"."""
    for word in reversed(words[max(0, number - _FAR) : number]):
        if word.plain in WHICH:
            return True
        verb = word.plain in VERBS or word.plain.endswith("ed")
        if word.gap != " " or verb or (word.plain in STOP and word.plain != "of"):
            return False
    return False


def _acts(words: Sequence[Word], end: int) -> bool:
    """Whether a verb follows: "Tom gave", "Tom first gained", not "Films directed by"."""
    if end < len(words) and (words[end].plain in _ADVERBS or words[end].plain.endswith("ly")):
        end += 1
    if end >= len(words) or words[end].gap != " " or not _verbal(words[end]):
        return False
    return end + 1 == len(words) or words[end + 1].plain != "by"


def _verbal(word: Word) -> bool:
    text = word.plain
    return text in VERBS or (len(text) > 3 and not word.capital and text.endswith(("ed", "s")))


def _subject_like(words: Sequence[Word], number: int, end: int) -> bool:
    """Whether one word in capitals is spoken of as a person is: "did Tom", "Tom's", "Tom gave"."""
    before = words[number - 1].plain if number else ""
    if words[number].owner or before in TITLES or before in HUMANS or before in KIN:
        return True
    if before in OF:
        return number > 1 and words[number - 2].plain in _HEADS
    if before in ("is", "are") and number > 1 and words[number - 2].plain in ("where", "what"):
        return False
    apposed = end < len(words) and words[end].gap == ", " and words[end].plain in ("a", "an", "the")
    acts = _acts(words, end) and before not in ("the", "in", "of")
    return before in _SPEAKING_OF or acts or apposed


def _capital(word: Word) -> bool:
    return word.capital and word.plain.split("'")[0] != "i"


def _joined(words: Sequence[Word], number: int, subject: frozenset[str]) -> bool:
    word = words[number]
    if words[number - 1].owner or word.first or word.part_of(subject) or word.says_nothing:
        return False
    return word.gap in (" ", "-", ". ", ".")
