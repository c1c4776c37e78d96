"""From what was filed to a rule, and a rule to bytes and back."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from sys import intern
from typing import Any

import numpy as np
import orjson

from folding import fold
from guards.errors import RuleError
from guards.meaning.adapter import RAW, Adapter
from guards.names.views import name_view
from guards.rule import Action, Encode, Rule
from guards.talk.reference import Reading, refers_back
from guards.text.segment import readable, slices
from guards.text.words import telling, too_common

_TOLD = 0.93
"""What a passage counts beside a name: it lies close to more than its subject."""

_WORDS = 512
"""Words of the filed texts that a rule keeps: those of its questions and facts, then the rest."""

_MAGIC = b"LR2"
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Filing:
    """What a forget request says, as plain texts; `questions` and `retain` without answers."""

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
    whole_subject: bool = False
    action: Action = Action.AUTO


def compile_rule(
    filing: Filing, encode: Encode, encoder_fingerprint: str, adapter: Adapter = RAW
) -> Rule:
    """The rule of a filing; encodes all its texts, so takes milliseconds per sentence.

    The fingerprint is that of the encoder and the adapter together.

    Raises `RuleError` when nothing in it could ever match, or a name or forbidden string would
    match nearly everything.
    """
    names = (filing.name, *filing.aliases) if filing.name else ()
    _check(filing)
    anchors = _folded(names)
    phrases = _folded((*(names if filing.whole_subject else ()), *filing.forbidden))
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
    unique = list(dict.fromkeys((*texts, *about, *told, *retained)))
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
            "encoder": rule.encoder,
            "shape": (len(rule.asked), len(rule.about), len(rule.retain), rule.asked.shape[1]),
        }
    )
    # Embeddings at an odd address would be slow to read.
    header += b" " * ((len(_MAGIC) + _LENGTH.size + len(header)) % 2)
    halves = (part.astype("<f2").tobytes() for part in (rule.asked, rule.about, rule.retain))
    return b"".join((_MAGIC, _LENGTH.pack(len(header)), header, *halves))


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
    asked, about, _ = counts
    halves = np.frombuffer(data, "<f2", offset=begin + length)
    if min(*counts, dimension) < 0 or halves.size != sum(counts) * dimension:
        raise ValueError("its embeddings are cut short or too long")
    if not np.isfinite(halves).all():
        raise ValueError("its embeddings are not finite")
    starts = (begin + length + 2 * dimension * rows for rows in (0, asked, asked + about))
    # Views into the stored bytes: a hundred thousand rules are held in memory.
    parts = [
        np.ndarray((rows, dimension), "<f2", data, start)
        for rows, start in zip(counts, starts, strict=True)
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
    )


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
