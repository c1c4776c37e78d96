"""Many embeddings, searched by sketches of 64 bytes each in inverted lists (FAISS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from guards.rule import Halves, Vectors

Indices = NDArray[np.int64]

threadpool_limits(1, user_api="blas")
# Or FAISS would wait for the interpreter's lock again and again, to ask whether it shall stop.
faiss.InterruptCallback.clear_instance()  # type: ignore[attr-defined]

_DIMENSIONS = 128
"""Dimensions of a sketch, 4 bits each."""

_SLACK = 0.04
"""How far an estimate may lie below the cosine: measured, five standard deviations."""

_PER_LIST, _LISTS = 200, 4096
"""Embeddings in one list, and lists at most."""

_RELATED = 0.35
"""Cosine to a list's centre, by that of the radius, below which nothing in it comes near."""

_FEWEST, _SHARE = 32, 4
"""Lists searched of a window at least, and one in so many lists at most ..."""

_MOST = (160, 512)
"""... but never fewer, nor more."""

_SAMPLE, _LEAST_SAMPLED = 32, 512
"""Embeddings a list on which the index is trained; never fewer than for so many lists."""

_PIECE = 4096
"""Embeddings that are looked at together."""

_KEPT = 1024
"""Embeddings near one window that are proposed: the nearest."""


class InvertedLists:
    """An approximate index: proposes what lies near a window, and a little more.

    Embeddings are projected on their principal directions; what the projection leaves out is
    kept as one more coordinate, its length, so that the product of two projections is never
    below the cosine (Cauchy–Schwarz) and nothing is lost to it. They are product-quantised by
    their residuals and scanned in registers: Jégou, Douze, Schmid, "Product Quantization for
    Nearest Neighbor Search" (2011); André, Kermarrec, Le Scouarnec, "Quicker ADC" (2019).
    Everything long runs inside FAISS or NumPy, without the interpreter's lock.
    """

    def __init__(self, embeddings: Sequence[Halves]) -> None:
        _alone()
        ends = np.cumsum([len(vectors) for vectors in embeddings])
        lists = min(_LISTS, int(ends[-1]) // _PER_LIST + 1)
        sample = _sample(embeddings, ends, max(lists, _LEAST_SAMPLED) * _SAMPLE)
        self._projection = _Projection(sample)
        self._index = _trained(self._projection(sample), lists)
        for piece in _pieces(embeddings):
            self._index.add(self._projection(piece))
        centres = self._index.quantizer.reconstruct_n(0, lists)
        rest = self._projection.rest
        self._centres = centres - np.outer(centres @ rest, rest)

    def near(self, windows: Vectors, radius: float) -> Iterator[tuple[int, Indices]]:
        """(window, numbers of the embeddings that may be within the radius), of (w, d) windows."""
        _alone()
        queries = self._projection(windows)
        probes = self._probes(queries, _RELATED * radius)
        for count in np.unique(probes).tolist():
            alike = np.flatnonzero(probes == count)
            limits, estimates, hits = self._index.range_search(
                queries[alike],
                radius - _SLACK,
                params=faiss.SearchParametersIVF(nprobe=count),  # type: ignore[call-arg]
            )
            for window, (start, end) in zip(alike.tolist(), pairwise(limits.tolist()), strict=True):
                if end - start > _KEPT:
                    kept = np.argpartition(estimates[start:end], -_KEPT)[-_KEPT:]
                    yield window, hits[start:end][kept]
                elif end > start:
                    yield window, hits[start:end]

    def _probes(self, queries: Vectors, floor: float) -> Indices:
        """In how many lists to search each query: few, where it is about something else.

        In powers of two, so that queries alike are searched together.
        """
        total = len(self._centres)
        related = np.count_nonzero(queries @ self._centres.T >= floor, axis=1)
        steps = 2 ** np.ceil(np.log2(np.maximum(related, _FEWEST))).astype(np.int64)
        most = min(total, int(np.clip(total // _SHARE, *_MOST)))
        probes: Indices = np.minimum(steps, most)
        return probes


class _Projection:
    """Maps unit vectors (n, d) to k coordinates whose products are at least the cosines."""

    def __init__(self, sample: Vectors) -> None:
        dimension = sample.shape[1]
        self._axes: Vectors | None = None
        if dimension > _DIMENSIONS:
            _, axes = np.linalg.eigh(sample.T @ sample)
            self._axes = axes[:, 1 - _DIMENSIONS :].astype(np.float32)
        # Turned at random, so that all coordinates weigh alike and are quantised alike.
        size = min(dimension, _DIMENSIONS)
        turned, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(size, size)))
        self._turned = turned.astype(np.float32)
        self.rest = self._turned[-1] * (self._axes is not None)
        """The direction that stands for what the projection leaves out."""

    def __call__(self, vectors: Vectors) -> Vectors:
        if self._axes is not None:
            vectors = vectors @ self._axes
            kept = np.einsum("ij,ij->i", vectors, vectors)
            rest = np.sqrt(np.maximum(1 - kept, np.float32(0)))
            vectors = np.hstack((vectors, rest[:, None]))
        return vectors @ self._turned


def _alone() -> None:
    """Keep FAISS to the thread that calls it, for which this has to be said.

    A prompt is a handful of queries: waking other threads costs more than the search, and chats
    already run side by side.
    """
    faiss.omp_set_num_threads(1)


def _trained(sample: Vectors, lists: int) -> Any:
    """An empty index over coordinates like those of a sample."""
    size = sample.shape[1]
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatIP(size), size, lists, size, 4, faiss.METRIC_INNER_PRODUCT
    )
    index.by_residual = True
    for clustering, rounds in ((index.cp, 4), (index.pq.cp, 25)):
        clustering.niter = rounds
        clustering.min_points_per_centroid = 1  # or it writes a warning to stderr
        clustering.max_points_per_centroid = 256
    index.cp.spherical = True
    index.train(sample)
    return index


def _sample(embeddings: Sequence[Halves], ends: Indices, size: int) -> Vectors:
    """Some of the embeddings, at random but the same every time."""
    total = int(ends[-1])
    numbers = np.arange(total)
    if total > size:
        numbers = np.sort(np.random.default_rng(0).choice(total, size, replace=False))
    owners = np.searchsorted(ends, numbers, side="right")
    rows = numbers - np.concatenate(([0], ends))[owners]
    sample = np.empty((len(numbers), embeddings[0].shape[1]), np.float32)
    for i, (owner, row) in enumerate(zip(owners.tolist(), rows.tolist(), strict=True)):
        sample[i] = embeddings[owner][row]
    return sample


def _pieces(embeddings: Sequence[Halves]) -> Iterator[Vectors]:
    """All embeddings in order, some thousand at a time; one rule's stay together."""
    piece: list[Halves] = []
    size = 0
    for vectors in embeddings:
        piece.append(vectors)
        size += len(vectors)
        if size >= _PIECE:
            yield np.concatenate(piece).astype(np.float32)
            piece, size = [], 0
    if piece:
        yield np.concatenate(piece).astype(np.float32)
