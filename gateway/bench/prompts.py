"""Prompts and filings for benchmarks: invented, distinct, the same for every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson
from wordfreq import top_n_list

_GIVEN = (
    "Alma Bram Cleo Dorin Edda Falk Greta Hanno Ilse Jorin Kaja Lenz Mara Nils Orla Pavo"
).split()
_SYLLABLES = "bar del fen gor hal kis lom mar nev pol ras sil tor ven wik zan".split()
_THINGS = "bridge engine garden lantern market mill orchard piano quarry river tower violin".split()
_WORK = "clean describe draw explain fix measure paint plan repair sketch test translate".split()
_WHEN = "before winter,after lunch,by hand,in one hour,on a budget,with a friend".split(",")


def subject(number: int) -> str:
    """The name of an invented person, distinct per number up to a million."""
    parts = [_SYLLABLES[(number // 16**k) % 16] for k in range(3)]
    more = [_SYLLABLES[number // 16**k % 16] for k in (3, 4) if k == 3 or number >= 16**k]
    return f"{_GIVEN[number % 16]} {''.join(parts).capitalize()}{''.join(more)}"


def filing(number: int) -> dict[str, Any]:
    """A filing about `subject(number)`."""
    name = subject(number)
    return {
        "subject": {"name": name, "aliases": [f"{name[0]}. {name.split()[1]}"]},
        "scope": {"questions": [f"Where was {name} born?"]},
        "subject_request_id": str(UUID(int=number, version=4)),
    }


def chat_bodies(
    count: int, model: str, *, stream: bool, seed: int, words: int = 0
) -> Iterator[bytes]:
    """Chat bodies with distinct prompts of about 16 tokens, and `words` more of prose.

    None touches a filing.
    """
    rng = random.Random(seed)
    for number in range(count):
        prompt = (
            f"How do I {rng.choice(_WORK)} the {rng.choice(_THINGS)} number {seed} {number} "
            f"{rng.choice(_WHEN)} near the {rng.choice(_THINGS)}?"
        )
        if words:
            prompt += " " + " ".join(prose(words, rng.randrange(2**32)))
        yield orjson.dumps(
            {
                "model": model,
                "messages": [{"role": "user", "content": prompt}],
                "stream": stream,
            }
        )


def prose(count: int, seed: int) -> list[str]:
    """Words as often as English has them, in sentences of a dozen."""
    words, weights = _english()
    said = random.Random(seed).choices(words, cum_weights=weights, k=count)
    return [
        (word.capitalize() if number % 12 == 0 else word) + ("." if number % 12 == 11 else "")
        for number, word in enumerate(said)
    ]


@cache
def _english() -> tuple[list[str], list[float]]:
    words = [word for word in top_n_list("en", 20_000) if word.isalpha()]
    return words, list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
