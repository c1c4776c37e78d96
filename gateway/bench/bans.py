"""What a mask of banned strings costs at each token, without a model."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from wordfreq import top_n_list

from gateway.bench.report import percentile
from steering.bans import Compiled, Matcher, Vocabulary

VOCABULARY = 131_072
"""Entries of the made-up vocabulary: bytes, and frequent words as tokenizers cut them."""

_LONGEST = 24
_RARE = 500


def mask_cases(sizes: Sequence[int], tokens: int) -> list[dict[str, Any]]:
    """The mean and slowest masks over so many tokens of each text, at so many banned strings.

    "ordinary" text has words as often as English has them; "near" consists of beginnings of the
    banned strings. Compiling and the first, unremembered masks are in it as in a real engine.
    """
    raw = _tokens()
    vocabulary = Vocabulary(raw)
    cut = {token: number for number, token in enumerate(raw)}
    return [case for size in sizes for case in _cases(size, tokens, vocabulary, cut)]


def _cases(
    size: int, tokens: int, vocabulary: Vocabulary, cut: dict[bytes, int]
) -> Iterator[dict[str, Any]]:
    rng = random.Random(size)
    strings = [string(rng) for _ in range(size)]
    for text, words in (("ordinary", _ordinary(rng)), ("near", _near(strings, rng))):
        began = time.perf_counter()
        bans = Compiled(vocabulary).put(text, strings)
        compiled = time.perf_counter() - began
        masked, took = _walk(Matcher(vocabulary, [bans]), _cut(words, tokens, cut))
        yield {
            "name": "mask",
            "text": text,
            "strings": size,
            "vocabulary": len(vocabulary),
            "compile_ms": round(compiled * 1e3, 1),
            "mean_ms": round(float(np.mean(took)) * 1e3, 4),
            "p99_ms": percentile(took, 99),
            "masked_mean": round(masked / len(took), 1),
        }


def _walk(matcher: Matcher, tokens: Sequence[int]) -> tuple[int, list[float]]:
    """How many tokens were masked, and the seconds of each step."""
    output: list[int] = []
    took, masked = [], 0
    for token in tokens:
        output.append(token)
        began = time.perf_counter()
        matcher.read(output)
        found = matcher.forbidden()
        took.append(time.perf_counter() - began)
        masked += sum(ids.size for ids in found)
    return masked, took


@cache
def _words() -> list[str]:
    return [word for word in top_n_list("en", 60_000) if word.isalpha()]


def _tokens() -> list[bytes]:
    """Distinct tokens: every byte, then words with and without a space, and their beginnings."""
    forms = (form for word in _words() for form in (" " + word, word, " " + word.capitalize()))
    parts = (word[:length] for length in range(2, 7) for word in _words())
    texts = dict.fromkeys(chain(forms, parts, (form.upper() for form in _words())))
    single = [bytes([byte]) for byte in range(256)]
    known = dict.fromkeys(chain(single, (text.encode() for text in texts)))
    return list(known)[:VOCABULARY]


def string(rng: random.Random) -> str:
    """Something to ban: a name, a rare word, or some words of a passage."""
    kind, words = rng.random(), _words()
    if kind < 0.4:
        return " ".join(word.capitalize() for word in rng.choices(words[_RARE:20_000], k=2))
    if kind < 0.6:
        return rng.choice(words[4 * _RARE :])
    return " ".join(rng.choices(words[:20_000], k=rng.randint(3, 9)))


def _ordinary(rng: random.Random) -> Iterator[str]:
    words = _words()
    frequency = np.cumsum(1 / np.arange(1, len(words) + 1)).tolist()
    while True:
        yield from rng.choices(words, cum_weights=frequency, k=100)


def _near(strings: Sequence[str], rng: random.Random) -> Iterator[str]:
    while True:
        string = rng.choice(strings)
        yield string[: rng.randrange(1, len(string))]


def _cut(words: Iterator[str], tokens: int, cut: dict[bytes, int]) -> list[int]:
    """So many tokens of a text: the longest that is one, again and again."""
    found: list[int] = []
    while len(found) < tokens:
        rest = " ".join(next(words) for _ in range(20)).encode()
        while rest:
            length = next(n for n in range(_LONGEST, 0, -1) if rest[:n] in cut)
            found.append(cut[rest[:length]])
            rest = rest[length:]
    return found[:tokens]
