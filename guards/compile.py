"""From what was filed to a rule, and a rule to bytes and back."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from sys import intern
from typing import Any

import numpy as np
import orjson

from folding import fold
from guards.errors import RuleError
from guards.leak.clues import Clues, Fact
from guards.leak.plain import value
from guards.leak.shingles import WORDS as SHINGLE
from guards.leak.shingles import fingerprints, words_of
from guards.meaning.adapter import RAW, Adapter
from guards.names.views import name_view
from guards.rule import Action, Encode, Halves, Rule
from guards.talk.reference import Reading, refers_back
from guards.text.segment import readable, slices
from guards.text.words import forbiddable, telling, too_common

_TOLD = 0.93
"""What a passage counts beside a name: it lies close to more than its subject."""

_MATRICES = 4

_WORDS = 512
"""Words of the filed texts that a rule keeps: those of its questions and facts, then the rest."""

_MAGIC = b"LR3"
_SHORT = 4
"""Words from which a passage that is too short for a shingle is forbidden as it stands."""

_LENGTH = struct.Struct("<I")


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


def dump_rule(rule: Rule) -> bytes:
    """A rule as bytes: a short JSON header, then the embeddings in half precision."""
    header = orjson.dumps(
        {
            "id": rule.id,
            "version": rule.version,
            "action": rule.action.value,
            "phrases": rule.phrases,
            "anchors": rule.anchors,
            "words": " ".join(rule.words),
            "values": rule.values,
            "clues": rule.clues,
            "paraphrases": rule.paraphrases,
            "encoder": rule.encoder,
            "open_book": rule.open_book,
            "shape": (*map(len, _matrices(rule)), rule.asked.shape[1]),
        }
    )
    # Embeddings at an odd address would be slow to read.
    header += b" " * ((len(_MAGIC) + _LENGTH.size + len(header)) % 2)
    halves = (part.astype("<f2").tobytes() for part in _matrices(rule))
    marks = rule.shingles.astype("<u8").tobytes()
    return b"".join((_MAGIC, _LENGTH.pack(len(header)), header, *halves, marks))


def load_rule(data: bytes) -> Rule:
    """The rule that `dump_rule` wrote. Raises `RuleError` for anything else."""
    try:
        return _read(data)
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise RuleError(f"a stored rule cannot be read: {error}") from error


def _read(data: bytes) -> Rule:
    if not data.startswith(_MAGIC):
        raise ValueError("it does not begin as one")
    begin = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
    header: dict[str, Any] = orjson.loads(data[begin : begin + length])
    *counts, dimension = header["shape"]
    ends = [begin + length + 2 * dimension * rows for rows in accumulate(counts, initial=0)]
    if len(counts) != _MATRICES or min(*counts, dimension) < 0 or ends[-1] > len(data):
        raise ValueError("its embeddings are cut short or too long")
    size = (ends[-1] - ends[0]) // 2
    if not np.isfinite(np.frombuffer(data, "<f2", size, ends[0])).all():
        raise ValueError("its embeddings are not finite")
    # Views into the stored bytes: a hundred thousand rules are held in memory.
    parts = [
        np.ndarray((rows, dimension), "<f2", data, start)
        for rows, start in zip(counts, ends, strict=False)
    ]
    return Rule(
        id=str(header["id"]),
        version=int(header["version"]),
        action=Action(header["action"]),
        phrases=_strings(header["phrases"]),
        asked=parts[0],
        about=parts[1],
        retain=parts[2],
        encoder=intern(str(header["encoder"])),
        anchors=_strings(header["anchors"]),
        words=tuple(map(intern, header["words"].split())),
        values=_strings(header["values"]),
        told=parts[3],
        clues=tuple(map(Clues.load, header["clues"])),
        paraphrases=bool(header["paraphrases"]),
        shingles=np.frombuffer(data, "<u8", offset=ends[-1]),
        open_book=bool(header["open_book"]),
    )


def _matrices(rule: Rule) -> tuple[Halves, ...]:
    """The embeddings of a rule in the order in which they are stored."""
    return rule.asked, rule.about, rule.retain, rule.told


def _strings(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("its phrases are not strings")
    return tuple(values)


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
