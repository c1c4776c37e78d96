"""Sentence embeddings: all-MiniLM-L6-v2 in ONNX int8, run by onnxruntime; torch as fallback.

`load_encoder` (encoder_load.py) finds the weights and has them exported at first use
(encoder_export.py); encoder_run.py holds what runs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.errors import SettingsError
from guards.meaning.adapter import Adapter


class EncoderError(SettingsError):
    """The encoder cannot be loaded; the message says the way out."""


class Encoder(Protocol):
    """Turns texts into unit-norm float32 embeddings of shape (n, dimension). Thread-safe.

    `adapter` is what they go through before they are compared with whom a rule is about;
    `fingerprint` changes whenever the embeddings of one text would, before it or behind it.
    """

    fingerprint: str
    dimension: int
    adapter: Adapter

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of n texts, shape (n, dimension), unit norm; longer texts are cut."""
        ...
