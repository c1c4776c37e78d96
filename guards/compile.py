"""From what was filed to a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from folding import fold
from guards.errors import RuleError
from guards.leak.clues import Fact
from guards.leak.plain import value
from guards.leak.shingles import WORDS as SHINGLE
from guards.leak.shingles import fingerprints, words_of
from guards.meaning.adapter import RAW, Adapter
from guards.names.views import name_view
from guards.rule import Action, Encode, Rule
from guards.talk.reference import Reading, refers_back
from guards.text.segment import readable, slices
from guards.text.words import forbiddable, telling, too_common

_TOLD = 0.93
"""What a passage counts beside a name: it lies close to more than its subject."""

_WORDS = 512
"""Words of the filed texts that a rule keeps: those of its questions and facts, then the rest."""

_SHORT = 4
"""Words from which a passage that is too short for a shingle is forbidden as it stands."""


@dataclass(frozen=True, slots=True)
class Filing:
    """What a forget request says, as plain texts; `questions` and `retain` without answers.

    `values` are what must not be told where the prompt matched, `facts` what says it; with
    `paraphrases` not in other words either.
    """

    id: str
    version: int = 1
    name: str | None = field(default=None, repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)
    description: str | None = field(default=None, repr=False)
    questions: tuple[str, ...] = field(default=(), repr=False)
    passages: tuple[str, ...] = field(default=(), repr=False)
    statements: tuple[str, ...] = field(default=(), repr=False)
    forbidden: tuple[str, ...] = field(default=(), repr=False)
    retain: tuple[str, ...] = field(default=(), repr=False)
    values: tuple[str, ...] = field(default=(), repr=False)
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    paraphrases: bool = True
    whole_subject: bool = False
    action: Action = Action.AUTO
    open_book: bool = False


def compile_rule(
    filing: Filing,
    encode: Encode,
    encoder_fingerprint: str,
    adapter: Adapter = RAW,
    key: bytes = b"",
) -> Rule:
    """The rule of a filing; encodes all its texts, so takes milliseconds per sentence.

    The fingerprint is that of the encoder and the adapter together; `key` keys those of passages.

    Raises `RuleError` when nothing in it could ever match, or a name or forbidden string would
    match nearly everything.
    """
    names = (filing.name, *filing.aliases) if filing.name else ()
    _check(filing)
    anchors = _folded(names)
    short = tuple(text for text in filing.passages if _SHORT <= len(words_of(text)) < SHINGLE)
    phrases = _folded((*(names if filing.whole_subject else ()), *filing.forbidden, *short))
    texts = [_about(filing.name, text) for text in (*filing.questions, *filing.statements)]
    described = (filing.description or "",) if filing.whole_subject else ()
    named = names if filing.whole_subject else ()
    about = [readable(name) for name in named if name_view(name).text.strip()]
    told = [
        readable(passage[start:end])
        for passage in (*filing.passages, *described)
        for start, end in slices(passage)
    ]
    retained = [_about(filing.name, text) for text in filing.retain]
    if not phrases and not texts and not about and not told:
        raise RuleError(
            f"{filing.id} covers nothing: it has neither questions, passages, facts nor forbidden "
            f"strings, and whole_subject is off or no name is given."
        )
    says = [readable(text) for fact in filing.facts for text in (fact.text, fact.without)]
    unique = list(dict.fromkeys((*texts, *about, *told, *retained, *says)))
    vectors = encode(unique)
    adapted = adapter(vectors)
    row = {text: number for number, text in enumerate(unique)}
    return Rule(
        id=filing.id,
        version=filing.version,
        action=filing.action,
        phrases=phrases,
        asked=vectors[[row[text] for text in dict.fromkeys(texts)]].astype(np.float16),
        about=np.concatenate(
            [
                adapted[[row[text] for text in dict.fromkeys(about)]],
                adapted[[row[text] for text in dict.fromkeys(told)]] * _TOLD,
            ]
        ).astype(np.float16),
        retain=vectors[[row[text] for text in dict.fromkeys(retained)]].astype(np.float16),
        encoder=encoder_fingerprint,
        anchors=anchors,
        words=tuple(islice(_words([*texts, *about, *told]), _WORDS)),
        values=tuple(dict.fromkeys(filter(forbiddable, map(value, filing.values)))),
        told=vectors[[row[text] for text in says]].astype(np.float16),
        clues=tuple(fact.clues for fact in filing.facts),
        paraphrases=filing.paraphrases,
        shingles=fingerprints(key, filing.passages),
        open_book=filing.open_book,
    )


def _check(filing: Filing) -> None:
    """What stands in nearly every text may not be filed as a name or forbidden string."""
    named = (("name", filing.name or ""), *(("aliases", alias) for alias in filing.aliases))
    for named_in, phrase in (*named, *(("forbidden", text) for text in filing.forbidden)):
        folded = name_view(phrase).text.strip()
        if any(c.isalnum() for c in folded) and too_common(folded):
            raise RuleError(
                "a single letter or function word would match nearly every text; give the full "
                "name, or a longer string",
                named_in,
            )


def _words(texts: list[str]) -> Iterator[str]:
    return iter(dict.fromkeys(word for text in texts for word in telling(fold(text).text)))


def _folded(phrases: tuple[str, ...]) -> tuple[str, ...]:
    folded = (fold(phrase).text.strip() for phrase in phrases)
    return tuple(dict.fromkeys(phrase for phrase in folded if phrase))


def _about(name: str | None, text: str) -> str:
    """A filed text as it is embedded: one that says only "she" is prefixed with whom it means."""
    if name and name_view(name).text not in name_view(text).text:
        words = frozenset(name_view(name).text.split())
        if refers_back(Reading.of(text), words):
            text = f"{name}: {text}"
    return readable(text)
