"""Runs a sentence encoder: an exported graph in onnxruntime, any other model in torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.encoder import EncoderError
from guards.meaning.adapter import RAW

MAX_TOKENS = 256
"""Of an exported encoder; what comes after is cut."""


class OnnxEncoder:
    """An exported encoder, run by onnxruntime on the calling thread.

    Each text is run by itself: int8 activations are scaled per run, so in a batch a text's
    vector would depend on its neighbours (cosine to itself alone down to 0.98), and the same
    question would not score the same twice. Scaling them per token instead makes batches exact,
    but a text of 64 tokens 1.3 times as slow, which six short ones at once only just make up for;
    weights of 8 or 4 bits in blocks (MatMulNBits) are exact too, and 2.5 times as slow. Eight
    short texts at once would take 0.6 of the time that they take one by one at the very best.
    """

    adapter = RAW

    def __init__(self, model: Path, tokenizer: Tokenizer, fingerprint: str) -> None:
        self.path = model
        self.fingerprint = fingerprint
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            str(model),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],  # slower than its parts, see the export
        )
        self.dimension = int(self._session.get_outputs()[0].shape[-1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of n texts, shape (n, dimension), unit norm; cut at 256 tokens."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            ids = np.asarray([self._tokenizer.encode(_clean(text)).ids], np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            vectors[row] = self._session.run(None, feed)[0][0]
        return vectors


class TorchEncoder:
    """Any sentence-transformers model, run in torch."""

    adapter = RAW

    def __init__(self, model: Any, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.dimension = int(model.get_embedding_dimension())
        self._model = model

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of n texts, shape (n, dimension), unit norm; cut as the model says."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = self._model.encode(
            [_clean(text) for text in texts],
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, np.float32)


def in_torch(name: str, fingerprint: str | None) -> TorchEncoder:
    """Load a sentence-transformers folder or name; raises `EncoderError`.

    Without a fingerprint its own is made of its weights.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  pulls torch, seconds

    try:
        model = SentenceTransformer(name, device="cpu")
    except Exception as error:
        raise EncoderError(
            f"{name!r} cannot be loaded as a sentence-transformers model ({error}); set "
            f"LETHE_ENCODER to a folder that holds one, or leave it out for the packaged model."
        ) from error
    if fingerprint is None:
        digest = hashlib.sha256()
        for key, tensor in sorted(model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.contiguous().flatten().view(dtype=_byte_type()).numpy().tobytes())
        fingerprint = f"{digest.hexdigest()[:16]}-torch"
    return TorchEncoder(model, fingerprint)


def _byte_type() -> Any:
    import torch  # noqa: PLC0415

    return torch.uint8


def _clean(text: str) -> str:
    """The text without lone surrogates, on which tokenizers raise."""
    return text.encode("utf-8", "replace").decode("utf-8")
