"""Which words of a text say something, and which ones every text has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from guards.blind.marks import mark
from guards.rule import Rule

_WORD = re.compile(r"[^\W_]+")

_LEAST = 2
"""Characters of a value that can be forbidden: a single one would garble every answer."""

STOP = frozenset(
    # English
    "a an and are as at be been but by can could did do does for from had has have he her him his "
    "how i if in into is it its me my no not of off on or our out she should so some than that the "
    "their them then there these they this those to too us was we were what when where which who "
    "whom whose why will with would you your am about any also very just now here up "
    # German
    "der die das den dem des ein eine einen einem einer eines und oder aber nicht ist sind war "
    "waren wurde wird werden hat haben hatte ich du er sie es wir ihr mir mich dir dich ihm ihn "
    "uns euch wer was wann wo wie warum welche welcher welches in im an am auf aus bei mit nach "
    "von vom zu zum zur für über um so auch noch nur denn doch mal "
    # French
    "le la les un une de du et ou mais ne pas est sont était a ont je tu il elle on nous vous ils "
    "elles me te se qui que quoi quand où comment pourquoi quel quelle dans en sur pour par avec "
    "au aux ce cet cette ces "
    # Spanish and Italian
    "el los las una y o pero no es son era fue yo tú él ella nosotros ellos quién qué cuándo dónde "
    "cómo por para con del al este esta ese esa lo gli i il uno e ma non è sono io lui lei noi voi "
    "chi che quando dove come perché di da per su".split()
)
"""Function words: they name nobody, and two texts that share them share nothing."""


def words_of(folded: str) -> set[str]:
    """The different words of a folded text."""
    return set(_WORD.findall(folded))


def telling(folded: str) -> list[str]:
    """The words of a folded text that are no function words, each once, in order."""
    found = dict.fromkeys(match.group() for match in _WORD.finditer(folded))
    return [word for word in found if len(word) > 1 and word not in STOP]


def too_common(folded: str) -> bool:
    """Whether a folded phrase would stand in nearly every text: a function word, or one letter.

    In scripts without upper and lower case one character can be a whole name.
    """
    words = _WORD.findall(folded)
    if len(words) == 1 and words[0] in STOP:
        return True
    letters = "".join(words)
    return len(letters) < 2 and (letters.isdigit() or letters != letters.upper())


def forbiddable(folded: str) -> bool:
    """Whether a folded value can be kept out of a text: a character or "the" would garble it."""
    return len(folded) >= _LEAST and not too_common(folded)


class Wording:
    """How many of some rules have a word in what was filed."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._counts: Counter[str] = Counter()
        self._marked: Counter[int] = Counter()
        self._key = b""
        for rule in rules:
            if (blind := rule.blind) is not None:
                self._key = blind.key
                self._marked.update({*blind.words.tolist(), *blind.subject.tolist()})
            anchored = (word for anchor in rule.anchors for word in telling(anchor))
            self._counts.update({*rule.words, *anchored})

    def count(self, words: set[str]) -> dict[str, int]:
        """Of these folded words those that were filed, with the number of rules that have them."""
        counts = {word: self._counts[word] for word in words if word in self._counts}
        for word in words if self._marked else ():
            if number := self._marked[mark(self._key, word)]:
                counts[word] = counts.get(word, 0) + number
        return counts
