"""The sentences of a text, as what they say of a subject that goes through it."""

from __future__ import annotations

import re
from itertools import pairwise

from guards.leak.phrases import Phrases
from guards.leak.plain import phrase, plain
from guards.talk.function_words import PLACE
from guards.talk.persons import told_in
from guards.talk.pronouns import Owed, owed
from guards.talk.reading import Reading
from guards.talk.remark import Remark, mentions, remark_of
from guards.talk.vocabulary import KIN
from guards.text.segment import sentences

_LABEL = re.compile(r"(?P<label>[^\W\d_]\w*(?: \w+){0,3}):\s+(?=\S)")
"""What a text is handed over with: "Context: …"."""
_CUE = re.compile(r"\n[^\S\n]*([^\W\d_]+):$")
"""What waits for an answer below a question: "Answer:"."""


def remarks(text: str, names: Phrases) -> list[Remark]:
    """The sentences of a text as what they say of the subject with these names.

    One that only says "she" is about the subject where the sentences before it in the same text
    were, and told nobody else.
    """
    found = []
    about = False
    for start, end in sentences(text):
        label = _LABEL.match(text, start, end)
        if label and mentions(phrase(label["label"]), names):
            label = None  # "Mira Quell: …"
        elif label:
            found.append(remark_of(label["label"], names, about=False))
        cue = _CUE.search(text, start, end)
        if cue:
            found.append(remark_of(cue[1], names, about=False))
        sentence = text[label.end() if label else start : cue.start() if cue else end]
        read = Reading.of(_as_she(sentence, names))
        of_her = owed(read, frozenset()) is Owed.PERSON
        named = bool(mentions(plain(sentence).text, names))
        remark = remark_of(sentence, names, about=named or (about and of_her))
        found.append(remark)
        about = (about or named) and not (_tells_others(read) or remark.words & KIN)
    return found


def _tells_others(read: Reading) -> bool:
    """Whether a sentence may tell somebody whom a later "she" means; whatever is no place does."""
    if read.one_case or any(not asked for _, asked in told_in(read, frozenset())):
        return True
    for before, word in pairwise(read.words):
        named = word.capital and not word.first and not word.says_nothing and not read.german
        if named and before.plain not in PLACE and not (before.capital and not before.first):
            return True
    return False


def _as_she(sentence: str, names: Phrases) -> str:
    """A sentence with "she" for the subject's names, so that whom else it tells is seen."""
    folded = plain(sentence)
    parts: list[str] = []
    done = 0
    for start, end in mentions(folded.text, names):
        begin, stop = folded.span(start, end)
        if begin >= done:  # not a name within the one before
            parts += sentence[done:begin], "She"
            done = stop
    return "".join(parts) + sentence[done:]
