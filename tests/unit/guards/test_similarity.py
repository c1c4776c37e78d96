from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guards.meaning.similarity import Similarity, best_cosine
from guards.rule import Halves, Vectors

RADIUS = 0.74


def unit(rows: Vectors) -> Vectors:
    scaled: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return scaled


def templated(rng: np.random.Generator, count: int, dimension: int = 384) -> Vectors:
    """Like sentences: few directions matter, and many say the same of somebody else."""
    spread = 1 / np.sqrt(1 + np.arange(dimension) / 8)
    templates = rng.normal(size=(20, dimension)) * spread
    names = rng.normal(size=(count, dimension)) * spread
    return unit((templates[rng.integers(0, 20, count)] + 0.7 * names).astype(np.float32))


def owned(vectors: Vectors, counts: list[int]) -> list[Halves]:
    ends = np.cumsum(counts)[:-1]
    return [part.astype(np.float16) for part in np.split(vectors, ends)]


def by_brute_force(rules: list[Halves], windows: Vectors) -> dict[tuple[int, int], float]:
    return {
        (rule, window): best_cosine(vectors, windows[window])
        for rule, vectors in enumerate(rules)
        if len(vectors)
        for window in range(len(windows))
        if best_cosine(vectors, windows[window]) >= RADIUS
    }


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 3), max_size=60))
def test_few_embeddings_are_compared_exactly(seed: int, counts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    rules = owned(templated(rng, sum(counts) + 1, 16)[1:], counts) if counts else []
    windows = templated(rng, 3, 16)
    found = [*Similarity(rules).find(windows, RADIUS)]
    expected = by_brute_force(rules, windows)
    assert {(rule, window) for rule, window, _ in found} == expected.keys()
    assert len(found) == len(expected)
    assert all(cosine == pytest.approx(expected[r, w], abs=1e-5) for r, w, cosine in found)


@pytest.mark.parametrize("dimension", [64, 384])
def test_of_many_nearly_all_pairs_are_found_with_their_cosines(dimension: int) -> None:
    rng = np.random.default_rng(1)
    vectors = templated(rng, 6_000, dimension)
    rules = owned(vectors, [1, 2, 0, 3] * 1_000)
    asked = vectors[rng.integers(0, len(vectors), 60)]
    windows = unit(asked + (0.6 * templated(rng, 60, dimension)).astype(np.float32))
    found = {(r, w): cosine for r, w, cosine in Similarity(rules).find(windows, RADIUS)}
    expected = by_brute_force(rules, windows)
    assert len(expected) > 50
    assert found.keys() <= expected.keys()
    assert len(found) >= 0.999 * len(expected)
    assert all(cosine == pytest.approx(expected[pair], abs=1e-5) for pair, cosine in found.items())


def test_a_filed_question_is_found_among_unlike_ones() -> None:
    vectors = unit(np.random.default_rng(2).normal(size=(5_000, 384)).astype(np.float32))
    found = [*Similarity(owned(vectors, [1] * 5_000)).find(vectors[::500], RADIUS)]
    assert [(rule, window) for rule, window, _ in found] == [(500 * w, w) for w in range(10)]


@pytest.mark.parametrize("count", [1_500, 6_000])
def test_where_very_many_lie_close_the_closest_are_told(count: int) -> None:
    rng = np.random.default_rng(3)
    window = unit(rng.normal(size=(1, 384)).astype(np.float32))
    spread = np.linspace(0.2, 0.6, count)[:, None] / np.sqrt(384)
    vectors = unit((window + spread * rng.normal(size=(count, 384))).astype(np.float32))
    rules = owned(vectors, [1] * count)
    found = [*Similarity(rules).find(window, RADIUS)]
    closest = sorted(range(count), key=lambda rule: -best_cosine(rules[rule], window[0]))
    assert 100 <= len(found) < count
    assert [rule for rule, _, _ in found[:50]] == closest[:50]
    assert len({rule for rule, _, _ in found}) == len(found)


def test_embeddings_that_are_all_the_same_are_told() -> None:
    same = unit(np.ones((1, 384), np.float32))
    rules = [same.astype(np.float16)] * 3_000
    found = [*Similarity(rules).find(same, RADIUS)]
    assert found
    assert all(cosine == pytest.approx(1, abs=1e-3) for _, _, cosine in found)
