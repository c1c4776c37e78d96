"""Content parts: what they say one by one, and how they read when they are joined.

vLLM joins the texts of parts by line breaks; for templates that take parts as they are, the
template joins them, mostly by nothing. Both readings are screened, and where parts break off
inside words every mixture of the two that can put a name together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.budget import Budget

# Parts that hold text, by type: the key of the text, and keys that may stand beside it.
_PARTS = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
    "thinking": "thinking",
}
_BESIDE = frozenset({"type", "closed"})
_AROUND = 200
"""Characters of a part that are read together with its neighbour: a sentence."""
_NAME = 64
"""Characters on each side of a seam that a name can reach over."""
_ALL_MIXES = 4
"""Seams up to which every mixture is tried; beyond, one space at a time."""


def part_text(part: Any, path: str) -> str:
    """The text of one part; raises `InvalidRequest` for what is none."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise InvalidRequest(f"{path} must be an object or a string.", param=path)
    kind = part.get("type")
    key = _PARTS.get(kind) if isinstance(kind, str) else None
    if key is None:
        raise InvalidRequest(
            f"{path}: parts of type {str(kind)[:40]!r} cannot be screened yet; send text.",
            param=path,
            code="unsupported_content",
        )
    part.pop("cache_control", None)
    for name in part.keys() - _BESIDE - {key}:
        raise InvalidRequest(f"{path}.{name} is not known.", param=f"{path}.{name}")
    if not isinstance(part.get("closed", False), bool):
        raise InvalidRequest(f"{path}.closed must be true or false.", param=f"{path}.closed")
    text = part.get(key)
    if not isinstance(text, str):
        raise InvalidRequest(f"{path}.{key} must be a string.", param=f"{path}.{key}")
    return text


def joined(texts: Sequence[str], path: str, budget: Budget) -> Iterator[str]:
    """Parts as the engine joins them, then the other readings of their seams."""
    yield "\n".join(texts)
    for run in _runs([text for text in texts if text]):
        yield "".join(run)
        inside = [i for i, (a, b) in enumerate(pairwise(run), 1) if _inside(a, b)]
        if inside:
            yield " ".join(run)
        if len(inside) > 1:
            budget.spend_seams(len(inside), path)
            yield from _mixes(run, inside)


def _runs(texts: Sequence[str]) -> Iterator[list[str]]:
    """Neighbours that may be one sentence; of a long part only its ends."""
    run = [_tail(text, _AROUND) for text in texts[:1]]
    for before, text in pairwise(texts):
        if _ended(before):
            if len(run) > 1:
                yield run
            run = [_tail(text, _AROUND)]
            continue
        run.append(_head(text, _AROUND))
        if len(text) > _AROUND:
            yield run
            run = [_tail(text, _AROUND)]
    if len(run) > 1:
        yield run


def _mixes(run: Sequence[str], inside: Sequence[int]) -> Iterator[str]:
    """The seams inside words as spaces, one at a time; all mixtures where they are few."""
    if len(inside) > _ALL_MIXES:
        whole = "".join(run)
        at = 0
        for number, text in enumerate(run):
            if number in inside:
                yield f"{_tail(whole[:at], _NAME)} {_head(whole[at:], _NAME)}"
            at += len(text)
        return
    for spaces in product((" ", ""), repeat=len(inside)):
        if len(set(spaces)) > 1:
            seams = dict(zip(inside, spaces, strict=True))
            yield "".join(seams.get(i, "") + text for i, text in enumerate(run))


def _inside(before: str, after: str) -> bool:
    return before[-1].isalnum() and after[0].isalnum()


def _ended(text: str) -> bool:
    return text[-1] in ".!?:;\n。！？"


def _head(text: str, length: int) -> str:
    """The beginning, cut between words: half a word could look like a name."""
    return text if len(text) <= length else text[:length].rpartition(" ")[0] or text[:length]


def _tail(text: str, length: int) -> str:
    return text if len(text) <= length else text[-length:].partition(" ")[2] or text[-length:]
