"""A linear map on frozen embeddings that brings what is asked about somebody closer to the name.

A sentence encoder knows who somebody is, but tells kinds of sentences apart first. The map is
trained on questions about other subjects (`training/`), so a new request needs no training.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guards.errors import GuardError
from guards.rule import Vectors


@dataclass(frozen=True, slots=True)
class Adapter:
    """Maps unit embeddings (n, d) to unit embeddings (n, d); without a matrix, to themselves."""

    matrix: NDArray[np.float32] | None = field(default=None, repr=False)
    fingerprint: str = "none"
    """Part of the fingerprint of embeddings that went through it."""

    def __call__(self, vectors: Vectors) -> Vectors:
        """The vectors as they are compared with what a rule is about."""
        if self.matrix is None or not len(vectors):
            return vectors
        mapped: Vectors = vectors @ self.matrix
        mapped /= np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12)
        return mapped

    @classmethod
    def load(cls, file: Path) -> Adapter:
        """The map in a `.npy` file, shape (d, d). Raises `GuardError` for anything else."""
        try:
            # Unlike `np.load`, this reads no archives and no pickles.
            stored = np.lib.format.open_memmap(file, mode="r")  # type: ignore[no-untyped-call]
            matrix = np.array(stored, np.float32)
        except (OSError, ValueError) as error:
            raise GuardError(f"the adapter {file} cannot be read: {error}") from error
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
            raise GuardError(f"the adapter {file} holds no square matrix of finite numbers")
        digest = hashlib.sha256(matrix.tobytes()).hexdigest()[:12]
        return cls(matrix, digest)


RAW = Adapter()
"""Leaves embeddings as they are: for encoders that none was trained for."""


def shipped_adapter() -> Adapter:
    """The one that comes with the guards, for the packaged encoder; see its card beside it."""
    return Adapter.load(Path(__file__).with_name("shipped") / "adapter.npy")
