"""A rule to bytes and back."""

from __future__ import annotations

import struct
from itertools import accumulate
from sys import intern
from typing import Any

import numpy as np
import orjson

from guards.blind.marks import Blind, Marks
from guards.errors import RuleError
from guards.leak.clues import Clues
from guards.rule import Action, Fingerprints, Halves, Rule

_MAGIC, _BLIND = b"LR3", b"LB1"
"""How a rule begins, and one of a blind filing, which nothing that does not know it may read."""
_LENGTH = struct.Struct("<I")
_MATRICES = 4


def dump_rule(rule: Rule) -> bytes:
    """A rule as bytes: a short JSON header, the embeddings in half precision, the fingerprints.

    A blind one has its marks as well; the key that made them is not among them.
    """
    blind = rule.blind
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
        | ({} if blind is None else {"blind": _head(rule, blind)})
    )
    # Embeddings at an odd address would be slow to read.
    header += b" " * ((len(_MAGIC) + _LENGTH.size + len(header)) % 2)
    halves = (part.astype("<f2").tobytes() for part in _matrices(rule))
    parts = (rule.shingles,) if blind is None else _sections(rule, blind)
    marks = (part.astype("<u8").tobytes() for part in parts)
    magic = _MAGIC if blind is None else _BLIND
    return b"".join((magic, _LENGTH.pack(len(header)), header, *halves, *marks))


def load_rule(data: bytes, key: bytes = b"") -> Rule:
    """The rule that `dump_rule` wrote; `key` is the one that the marks of a blind one were made by.

    Raises `RuleError` for anything else.
    """
    try:
        return _read(data, key)
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise RuleError(f"a stored rule cannot be read: {error}") from error


def _read(data: bytes, key: bytes) -> Rule:
    if not data.startswith((_MAGIC, _BLIND)):
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
    shingles, blind = np.frombuffer(data, "<u8", offset=ends[-1]), None
    if data.startswith(_BLIND):
        shingles, blind = _blind(header["blind"], shingles, key)
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
        shingles=shingles,
        open_book=bool(header["open_book"]),
        blind=blind,
    )


def _matrices(rule: Rule) -> tuple[Halves, ...]:
    """The embeddings of a rule in the order in which they are stored."""
    return rule.asked, rule.about, rule.retain, rule.told


def _head(rule: Rule, blind: Blind) -> dict[str, Any]:
    return {
        "whole_subject": blind.whole_subject,
        "longest": blind.longest,
        "codes": [marks.codes for marks in _phrases(blind)],
        "counts": [len(section) for section in _sections(rule, blind)],
    }


def _phrases(blind: Blind) -> tuple[Marks, ...]:
    return blind.names, blind.always, blind.anchors, blind.values


def _sections(rule: Rule, blind: Blind) -> tuple[Fingerprints, ...]:
    """The fingerprints and marks of a blind rule in the order in which they are stored."""
    pairs = ((marks.whole, marks.begun) for marks in _phrases(blind))
    return (rule.shingles, *(part for pair in pairs for part in pair), blind.subject, blind.words)


def _blind(head: dict[str, Any], stored: Fingerprints, key: bytes) -> tuple[Fingerprints, Blind]:
    """The fingerprints of passages, and what is kept of a blind rule, from what stands together."""
    counts = [*map(int, head["counts"])]
    codes = [tuple(map(int, each)) for each in head["codes"]]
    if min(counts) < 0 or sum(counts) != len(stored) or counts[1:-2:2] != [*map(len, codes)]:
        raise ValueError("its marks are cut short or too long")
    shingles, *pairs, subject, words = np.split(stored, [*accumulate(counts)][:-1])
    names, always, anchors, values = map(Marks, pairs[::2], codes, pairs[1::2])
    kept = (names, always, anchors, values, subject, words)
    return shingles, Blind(key, *kept, bool(head["whole_subject"]), int(head["longest"]))


def _strings(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError("its phrases are not strings")
    return tuple(values)
