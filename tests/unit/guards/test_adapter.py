from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from guards import GuardError
from guards.meaning.adapter import RAW, Adapter, shipped_adapter


def test_the_shipped_adapter_keeps_unit_norm() -> None:
    adapter = shipped_adapter()
    assert adapter.matrix is not None
    vectors = np.random.default_rng(1).normal(size=(5, len(adapter.matrix))).astype(np.float32)
    assert np.allclose(np.linalg.norm(adapter(vectors), axis=1), 1, atol=1e-5)
    assert adapter(vectors[:0]).shape == (0, len(adapter.matrix))
    assert np.array_equal(RAW(vectors), vectors)


def test_another_matrix_has_another_fingerprint(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(4))
    np.save(tmp_path / "b.npy", np.eye(4) * 2)
    one, other = Adapter.load(tmp_path / "a.npy"), Adapter.load(tmp_path / "b.npy")
    assert len({RAW.fingerprint, one.fingerprint, other.fingerprint}) == 3


def test_what_is_no_adapter_is_an_error(tmp_path: Path) -> None:
    np.savez(tmp_path / "archive", a=np.eye(4))
    np.save(tmp_path / "pickled.npy", np.array([{}], object))
    np.save(tmp_path / "text.npy", np.array([["a"]]))
    np.save(tmp_path / "flat.npy", np.ones(4))
    np.save(tmp_path / "infinite.npy", np.full((2, 2), np.inf))
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 nothing")
    for file in (*sorted(tmp_path.iterdir()), tmp_path / "nowhere.npy", tmp_path):
        with pytest.raises(GuardError, match="adapter"):
            Adapter.load(file)
