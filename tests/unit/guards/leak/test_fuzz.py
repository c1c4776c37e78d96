"""Ten million characters through the filter, in pieces of random sizes."""

from __future__ import annotations

from random import Random

import pytest

from tests.unit.guards.leak.test_any_chunking import holds, watch_for
from tests.unit.guards.leak.watching import run

WORDS = (
    "ab ba abba An annual annuals an's Mira Quell quells MIRA-QUELL mira_quell **Mira** q uell "
    "Port Hale's Hale halestorm 字 字字 é e\u0301 а Аnn C# C c# 3.5 3,5 $100 100 a-b a\u00adb"
).split(" ")
JOINTS = (" ", " ", " ", " ", "-", "  ", "\n", ", ", ". ", "", "*", "_", "'", "\u200b", "—")


def _text(random: Random, words: int) -> str:
    return "".join(random.choice(WORDS) + random.choice(JOINTS) for _ in range(words))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_million_characters(seed: int) -> None:
    random, characters, leaks = Random(seed), 0, 0
    while characters < 1_000_000:
        strings = [_text(random, random.randint(1, 3)) for _ in range(random.randint(1, 8))]
        strings = [text for text in strings if any(map(str.isalnum, text))]
        if not strings:
            continue
        watch = watch_for(strings)
        for _ in range(20):
            text = _text(random, random.choice((3, 30, 300)))
            pieces, at = [], 0
            while at < len(text):
                size = random.choice((1, 1, 2, 3, 5, 8, 50))
                pieces.append(text[at : at + size])
                at += size
            passed, filtered = run(watch, pieces)
            characters += len(text)
            assert not holds(passed, strings), (strings, text)
            assert text.startswith(passed)
            if filtered.leak is None:
                assert passed == text
            leaks += filtered.leak is not None
    assert leaks
