"""Benchmarks are compared round by round, with an interval that outliers do not widen."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.bench.report import paired


def test_rounds_are_compared_with_their_own_peer() -> None:
    base = [1.0, 10.0, 100.0]
    found = paired([value * 1.1 for value in base], base)
    assert found == {"ratio": 1.1, "low_ratio": 1.1, "high_ratio": 1.1}


@pytest.mark.parametrize(
    ("rounds", "low", "high"),
    [(1, 1, 1), (5, 1, 5), (6, 1, 6), (9, 2, 8), (12, 3, 10), (20, 6, 15)],
)
def test_the_interval_is_that_of_the_sign_test(rounds: int, low: int, high: int) -> None:
    values = [float(value) for value in range(1, rounds + 1)]
    found = paired(values[::-1], [1.0] * rounds)
    assert (found["low_ratio"], found["high_ratio"]) == (low, high)


def test_it_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    base = [1.0] * 12
    hit = 0
    for _ in range(1_000):
        found = paired(list(1.05 + rng.standard_cauchy(12) * 0.01), base)
        hit += found["low_ratio"] <= 1.05 <= found["high_ratio"]
    assert hit >= 940
