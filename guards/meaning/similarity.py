"""Which rules a window of text lies close to: FAISS over the rules' embeddings.

Max cosine to the stored embeddings is the score of CURaTE, "Continual Unlearning in Real Time
with Ensured Preservation of LLM Knowledge" (arXiv 2604.14644).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from guards.rule import Rule, Vectors

Indices = NDArray[np.int64]

# A prompt is a handful of queries: waking OpenMP's threads costs more than the search, and
# chats already run side by side.
faiss.omp_set_num_threads(1)

_FEW = 256
"""Embeddings up to which one matrix product is faster than the call into FAISS."""


class Similarity:
    """The embeddings of some rules; immutable, shared between threads."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        carriers = [number for number, rule in enumerate(rules) if len(rule.vectors)]
        counts = [len(rules[number].vectors) for number in carriers]
        self._rules = rules
        self._owner = np.repeat(np.asarray(carriers, np.int64), counts)
        self._thresholds = np.repeat([rules[number].threshold for number in carriers], counts)
        self._radius = float(self._thresholds.min(initial=np.inf)) - 1e-6
        vectors = [rules[number].vectors for number in carriers]
        self._few = np.concatenate(vectors) if 0 < sum(counts) <= _FEW else None
        self._many = None
        if sum(counts) > _FEW:
            self._many = faiss.IndexFlatIP(vectors[0].shape[1])
            self._many.add(np.concatenate(vectors))

    def find(self, windows: Vectors) -> Iterator[tuple[Rule, int, float]]:
        """(rule, window, cosine) of every window that reaches a rule's threshold.

        `windows` are unit-norm float32 embeddings, shape (w, d); of a rule's embeddings only
        the closest counts.
        """
        window, hits, cosines = self._near(windows)
        if not len(hits):
            return
        reached = cosines >= self._thresholds[hits]
        window, owner, cosine = window[reached], self._owner[hits[reached]], cosines[reached]
        seen: tuple[int, int] | None = None
        for i in np.lexsort((-cosine, window, owner)).tolist():
            pair = int(owner[i]), int(window[i])
            if pair != seen:
                seen = pair
                yield self._rules[pair[0]], pair[1], float(cosine[i])

    def _near(self, windows: Vectors) -> tuple[Indices, Indices, NDArray[np.float32]]:
        """Windows, embeddings and cosines of all pairs within the lowest threshold."""
        if self._many is not None:
            limits, cosines, hits = self._many.range_search(windows, self._radius)
            counts = np.diff(limits.astype(np.int64))
            return np.repeat(np.arange(len(windows)), counts), hits, cosines
        if self._few is None:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
        products = windows @ self._few.T
        window, hits = np.nonzero(products > self._radius)
        return window, hits, products[window, hits]
