"""A deterministic stand-in for the encoder, and rule sets made with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from guards import Filing, Rule, RuleSet, compile_rule
from guards.rule import Encode, Vectors

DIMENSION = 32


def fake_encode(texts: Sequence[str]) -> Vectors:
    """Random unit vectors, the same for the same text: only equal texts are close."""
    rows = []
    for text in texts:
        seed = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8])
        row = np.random.default_rng(seed).normal(size=DIMENSION)
        rows.append(row / np.linalg.norm(row))
    return np.asarray(rows, np.float32).reshape(len(texts), DIMENSION)


def no_encode(texts: Sequence[str]) -> Vectors:
    """An encoder that must not be called."""
    raise AssertionError(f"encoded {texts}")


@pytest.fixture
def encode() -> Encode:
    return fake_encode


Make = Callable[..., RuleSet]


@pytest.fixture
def make(encode: Encode) -> Make:
    """A rule set of one rule, by the fields of its filing."""

    def build(**fields: object) -> RuleSet:
        rule: Rule = compile_rule(Filing(id="fr_1", **fields), encode, "fake")  # type: ignore[arg-type]
        return RuleSet.build([rule], 1)

    return build
