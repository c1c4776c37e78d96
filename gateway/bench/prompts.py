"""Prompts and filings for benchmarks: invented, distinct, the same for every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson

_GIVEN = (
    "Alma Bram Cleo Dorin Edda Falk Greta Hanno Ilse Jorin Kaja Lenz Mara Nils Orla Pavo"
).split()
_SYLLABLES = "bar del fen gor hal kis lom mar nev pol ras sil tor ven wik zan".split()
_THINGS = "bridge engine garden lantern market mill orchard piano quarry river tower violin".split()
_WORK = "clean describe draw explain fix measure paint plan repair sketch test translate".split()
_WHEN = "before winter,after lunch,by hand,in one hour,on a budget,with a friend".split(",")


def subject(number: int) -> str:
    """The name of an invented person, distinct per number."""
    parts = [_SYLLABLES[(number // 16**k) % 16] for k in range(3)]
    return f"{_GIVEN[number % 16]} {''.join(parts).capitalize()}{_SYLLABLES[number // 4096 % 16]}"


def filing(number: int) -> dict[str, Any]:
    """A filing about `subject(number)`."""
    name = subject(number)
    return {
        "subject": {"name": name, "aliases": [f"{name[0]}. {name.split()[1]}"]},
        "scope": {"questions": [f"Where was {name} born?"]},
        "subject_request_id": str(UUID(int=number, version=4)),
    }


def chat_bodies(count: int, model: str, *, stream: bool, seed: int) -> Iterator[bytes]:
    """Chat bodies with distinct prompts of about 16 tokens that touch no filing."""
    rng = random.Random(seed)
    for number in range(count):
        prompt = (
            f"How do I {rng.choice(_WORK)} the {rng.choice(_THINGS)} number {number} "
            f"{rng.choice(_WHEN)} near the {rng.choice(_THINGS)}?"
        )
        yield orjson.dumps(
            {
                "model": model,
                "messages": [{"role": "user", "content": prompt}],
                "stream": stream,
            }
        )
