"""Several questions in one sentence, told apart: "Where is Elm Hill and who painted the Heron?".

A cut is made before what asks anew, after "and", a comma, a semicolon or a slash, unless one side
would be a mere word or two, or what follows means somebody told before ("and where was she
born").
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice

from guards.text.segment import Span, sentences

_LEAST = 3
"""Words that a part has at least."""

_BEGINNING = 200
"""Characters of a part that are looked at to tell whether it asks."""
_FAR = 6
"""Words of which one asks, where it is a question."""
_NEAR = 5
"""Words of a question in which its pronoun means what was told before it."""

_VERB = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
_LED = r"(?:(?:in|at|on|for|from|by|of|to|with|during|under) )?"
_BIDS = (
    r"(?:please )?(?:(?:tell|give|show|remind) me|explain|describe|define|translate|calculate|"
    r"introduce|recite|name(?! (?:of|and|or|is|was)\b)|"
    r"(?:say|any idea) (?:what|who|where|when|how)|"
    r"i (?:need|forgot|(?:want|would like) to know))\b"
)
_ASKS = (
    rf"{_LED}(?:what|who|whom|whose|where|when|why|how|which)\b|(?:did|does|do|can|could)\b|"
    r"(?:is|are|was|were) (?:there\b|(?-i:[A-Z]\w*+ [A-Z]))|"
    rf"{_BIDS}"
)
_ABROAD = (
    r"(?:und|sowie) (?:auch )?(?:wer|wen|wem|wo|wann|warum|was|welche[rsmn]?|wie)\b|"
    r"et (?:aussi )?(?:qui|où|quand|pourquoi|combien|comment|quel(?:le)?s?|qu'est)\b|"
    r"y (?:también )?(?:qué|quién|quiénes|cuál|cuáles|cuándo|dónde|cómo|cuánt[oa]s?|por qué)\b|"
    r"e (?:anche )?(?:chi|dove|quando|perché|come|quali?|quant[oaie])\b"
)
_ADDED = r"(?:(?:also|then|next|finally|secondly|thirdly|lastly),? )?"
_DIRECT = (
    rf"{_LED}(?:what|how|why)\b|{_LED}whom {_VERB}\b|"
    # "in which year did", not "in which Tom was"
    rf"{_LED}which (?!(?:the|an?) )(?-i:[a-z]\w*+) (?:\w++ )?{_VERB}\b|"
    rf"(?:did|does|do|can|could|is|are|was|were)\b|{_BIDS}"
)
_RELATIVE = r"(?:who|where|when|which)\b"
_JOINT = re.compile(
    # Each run of white space is tried once, after what stands before it.
    r"(?<=\S)\s*+(?:"
    rf"[,;/]?+\s*+(?:(?<=\s)|(?<=[,;/]))(?:(?:and|or|but|plus) {_ADDED}(?P<and>{_ASKS})|"
    rf"(?P<abroad>{_ABROAD}))|"
    rf",\s++{_ADDED}(?:(?P<relative>{_RELATIVE})|(?P<comma>{_DIRECT}))|"
    r"(?:;|(?<=\s)/)(?=\s)\s++(?P<cut>(?=\S)))",
    re.IGNORECASE,
)
_FRONTED = frozenset(
    "is are was were do does did has have had can could will would should tell give name explain "
    "describe define translate calculate list".split()
)
_LEADS = frozenset("what who whom whose where when why how which".split())
_LEADS_ABROAD = frozenset(
    "wer wen wem wessen wo woher wohin wann warum was welche welcher welches welchen welchem wie "
    "qui où quand pourquoi combien comment quel quelle quels quelles qué quién dónde cuándo cómo "
    "cuál cuánto chi dove quando perché quale quali quanto".split()
)
_MARKS = frozenset("?？؟")
_REQUEST = re.compile(
    r"\W*(?:(?:please|now|also|then|bitte|i would like to|i'd like to|i want to|i need to)\W+)*"
    r"(?:(?:tell|give|name|explain|describe|define|translate|calculate|list|say|show|write|compare|"
    r"find|recite|remind|summari[sz]e|complete|let me know|know|introduce|i (?:need|forgot|wonder|"
    r"am looking for))\b|sag|nenn|erklär|beschreib|schreib|zeig|übersetz|erzähl|gib|vergleich)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_BACK = frozenset(
    "he she it they him her them his hers its their theirs this that these those er sie ihn ihm "
    "ihr ihre ihren ihrer sein seine seinen seiner il elle lui leur sa ses son él ella su sus "
    "lei suo sua suoi sue he's she's it's they're he’s she’s it’s they’re".split()
)


def questions(text: str) -> list[Span]:
    """The sentences of a text, those that ask several things cut into their questions.

    What only joins them ("and") belongs to none. Linear in the length of the text.
    """
    return [part for sentence in sentences(text) for part in parts_of(text, *sentence)]


def asks(text: str) -> bool:
    """Whether a part of a message wants something told, and is not mere context or courtesy."""
    if not _MARKS.isdisjoint(text) or _REQUEST.match(text):
        return True
    found = islice(_WORD.finditer(text), _FAR)
    words = [word[0].replace("’", "'").partition("'")[0].casefold() for word in found]
    return bool(words) and (_asks(words) or not _LEADS_ABROAD.isdisjoint(words))


def parts_of(text: str, start: int, end: int) -> list[Span]:
    """The questions of the sentence [start, end): itself, where it asks one thing."""
    joints = list(_JOINT.finditer(text, start, end))
    if not joints:
        return [(start, end)]
    starts = [m.start() for m in _WORD.finditer(text, start, end)]
    words = [m.group() for m in _WORD.finditer(text, start, end)]
    stops = [*(joint.start() for joint in joints[1:]), end]
    found: list[Span] = []
    begin = start
    for joint, stop in zip(joints, stops, strict=True):
        following = joint.start(joint.lastgroup or 0)
        # ", who wrote it" asks only where more is asked; else it describes somebody.
        if joint["relative"] is not None and stop == end:
            continue
        first, last = bisect_left(starts, begin), bisect_left(starts, joint.start())
        after = words[bisect_left(starts, following) : bisect_left(starts, stop)]
        if min(last - first, len(after)) < _LEAST or words[last - 1] in _LEADS:
            continue
        # "In her later books, what changed?"
        mere = joint.lastgroup in ("comma", "relative")
        if mere and not asks(text[begin : min(joint.start(), begin + _BEGINNING)]):
            continue
        if not _means_back(after):
            found.append((begin, joint.start()))
            begin = following
    return [*found, (begin, end)]


def _means_back(words: Sequence[str]) -> bool:
    """Whether a question means what was told before it: no name before its pronoun explains it."""
    for number, word in enumerate(words[:_NEAR]):
        if word.casefold() in _BACK:
            return True
        if number and word[0].isupper():
            return False
    return False


def _asks(words: Sequence[str]) -> bool:
    plain = [word.casefold() for word in words]
    return plain[0] in _FRONTED or not _LEADS.isdisjoint(plain)
