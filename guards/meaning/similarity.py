"""Which rules a window of text lies close to: max cosine to the rules' embeddings.

Max cosine to the stored embeddings is the score of CURaTE, "Continual Unlearning in Real Time
with Ensured Preservation of LLM Knowledge" (arXiv 2604.14644).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from guards.meaning.inverted import Indices, InvertedLists
from guards.rule import Halves, Vectors

_FEW = 2048
"""Embeddings up to which one matrix product is as fast as inverted lists."""

_MOST = 256
"""Rules that are told of one window: the closest."""

_ROUNDING = 1e-6
"""What a cosine may lose to rounding and still reach a threshold."""


class Similarity:
    """The embeddings of some rules; immutable, shared between threads.

    `embeddings` has one array (n, d) a rule, unit norm; n may be 0. They are kept, not copied:
    few are multiplied out; of many only sketches are searched (see `InvertedLists`), and the
    cosines of what they propose computed from the embeddings.
    """

    def __init__(self, embeddings: Sequence[Halves]) -> None:
        self._embeddings = tuple(embeddings)
        counts = [len(vectors) for vectors in embeddings]
        self._owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        self._first = np.cumsum([0, *counts[:-1]])
        self._few: Vectors | None = None
        self._many: InvertedLists | None = None
        filled = [vectors for vectors in embeddings if len(vectors)]
        if len(self._owner) > _FEW:
            self._many = InvertedLists(filled)
        elif filled:
            self._few = np.concatenate(filled).astype(np.float32)

    def find(self, windows: Vectors, radius: float) -> Iterator[tuple[int, int, float]]:
        """(rule, window, cosine) of every window whose cosine to a rule reaches the radius.

        `windows` are unit-norm float32 embeddings, shape (w, d); of a rule's embeddings only
        the closest counts, and where very many rules lie close to a window, the closest of them.
        """
        radius -= _ROUNDING
        for window, hits, cosines in self._near(windows, radius):
            order = np.argsort(-cosines, kind="stable")
            order = order[: np.count_nonzero(cosines >= radius)]
            rules, first = np.unique(self._owner[hits[order]], return_index=True)
            for i in np.argsort(first)[:_MOST].tolist():
                yield int(rules[i]), window, float(cosines[order[first[i]]])

    def _near(self, windows: Vectors, radius: float) -> Iterator[tuple[int, Indices, Vectors]]:
        """(window, numbers of embeddings, their cosines): all within the radius, perhaps more."""
        if self._many is not None:
            for window, hits in self._many.near(windows, radius):
                yield window, hits, self._cosines(hits, windows[window])
        elif self._few is not None:
            products = windows @ self._few.T
            for window in np.flatnonzero(products.max(axis=1) >= radius).tolist():
                hits = np.flatnonzero(products[window] >= radius)
                yield window, hits, products[window, hits]

    def _cosines(self, hits: Indices, window: Vectors) -> Vectors:
        """The cosines of some embeddings, by number, to one window."""
        owners = self._owner[hits]
        places = zip(owners.tolist(), (hits - self._first[owners]).tolist(), strict=True)
        rows = [self._embeddings[owner][row] for owner, row in places]
        # Joined as bytes, which is three times as fast as by NumPy.
        found = np.frombuffer(b"".join(rows), np.float16).astype(np.float32)
        cosines: Vectors = found.reshape(len(rows), -1) @ window
        return cosines


def best_cosine(vectors: Halves | Vectors, window: Vectors) -> float:
    """The highest cosine of one window, shape (d,), to some embeddings, shape (n, d), n > 0."""
    return float((vectors.astype(np.float32, copy=False) @ window).max())
