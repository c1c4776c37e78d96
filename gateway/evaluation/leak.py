"""leak@k: what an asker who may ask k times gets to know at best."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb


def expected_maximum(scores: Sequence[float], k: int) -> float:
    """The mean of the largest of k scores over all ways to draw k of these n, 1 <= k <= n.

    The i-th smallest score is the largest of C(i-1, k-1) of the C(n, k) draws, so that neither a
    draw nor an order is sampled. For scores of 0 and 1 it is the unbiased estimator of pass@k
    (Chen et al., arXiv 2107.03374); leak@k is from Reisizadeh et al., arXiv 2511.04934.
    Raises `ValueError` for another k.
    """
    n = len(scores)
    if not 1 <= k <= n:
        raise ValueError(f"k must be from 1 to {n}, the number of scores")
    draws = comb(n, k)
    return sum(
        score * (comb(i, k - 1) / draws) for i, score in enumerate(sorted(scores)) if i >= k - 1
    )


def leak_at_k(prompts: Sequence[Sequence[float]]) -> dict[str, float]:
    """Mean leak@k over prompts, given the leak of each sample, for k = 1, 2, 4, … up to n.

    Every prompt has n samples; without any there is no k. Keys are strings, as in JSON.
    """
    n = min(map(len, prompts), default=0)
    powers = [1 << power for power in range(n.bit_length())]
    return {
        str(k): sum(expected_maximum(scores, k) for scores in prompts) / len(prompts)
        for k in powers
    }
