"""Which rules a window of text lies close to: FAISS over the rules' embeddings.

Max cosine to the stored embeddings is the score of CURaTE, "Continual Unlearning in Real Time
with Ensured Preservation of LLM Knowledge" (arXiv 2604.14644).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from guards.rule import Vectors

Indices = NDArray[np.int64]

# A prompt is a handful of queries: waking OpenMP's threads costs more than the search, and
# chats already run side by side.
faiss.omp_set_num_threads(1)

_FEW = 256
"""Embeddings up to which one matrix product is faster than the call into FAISS."""


class Similarity:
    """The embeddings of some rules; immutable, shared between threads.

    `embeddings` has one array (n, d) a rule, unit norm; n may be 0.
    """

    def __init__(self, embeddings: Sequence[Vectors]) -> None:
        counts = [len(vectors) for vectors in embeddings]
        self._owner = np.repeat(np.arange(len(embeddings)), counts)
        vectors = [vectors for vectors in embeddings if len(vectors)]
        self._few = np.concatenate(vectors) if 0 < sum(counts) <= _FEW else None
        self._many = None
        if sum(counts) > _FEW:
            self._many = faiss.IndexFlatIP(vectors[0].shape[1])
            self._many.add(np.concatenate(vectors))

    def find(self, windows: Vectors, radius: float) -> Iterator[tuple[int, int, float]]:
        """(rule, window, cosine) of every window whose cosine to a rule reaches the radius.

        `windows` are unit-norm float32 embeddings, shape (w, d); of a rule's embeddings only
        the closest counts.
        """
        window, hits, cosine = self._near(windows, radius - 1e-6)
        owner = self._owner[hits]
        seen: tuple[int, int] | None = None
        for i in np.lexsort((-cosine, window, owner)).tolist():
            pair = int(owner[i]), int(window[i])
            if pair != seen:
                seen = pair
                yield *pair, float(cosine[i])

    def _near(self, windows: Vectors, radius: float) -> tuple[Indices, Indices, Vectors]:
        """Windows, embeddings and cosines of all pairs within the radius."""
        if self._many is not None:
            limits, cosines, hits = self._many.range_search(windows, radius)
            counts = np.diff(limits.astype(np.int64))
            return np.repeat(np.arange(len(windows)), counts), hits, cosines
        if self._few is None:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
        products = windows @ self._few.T
        window, hits = np.nonzero(products > radius)
        return window, hits, products[window, hits]
