"""The data key: made once, whole and on disk, and every way in which it can be missing."""

from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway import datakey
from gateway.datakey import before, data_key, encoded, kept_in, open_cipher, previous_data_key
from gateway.errors import SettingsError
from gateway.settings import Settings

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LETHE_")]:
        monkeypatch.delenv(name)


def settings(**given: Any) -> Settings:
    return Settings(**given)


def test_is_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    given = settings(data_dir=tmp_path / "data")
    key = data_key(given)
    assert len(key) == 32
    assert data_key(given) == key
    assert (tmp_path / "data" / "data.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["data.key"]


def test_gateways_that_start_together_have_one(tmp_path: Path) -> None:
    given = settings(data_dir=tmp_path / "data")
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: data_key(given), range(64)))) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["data.key"]


def test_is_never_there_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash before the content is on disk leaves no file under the final name."""
    seen = []

    def crash(descriptor: int) -> None:
        seen.append((tmp_path / "data.key").exists())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", crash)
    monkeypatch.setattr(datakey, "make_folder", lambda folder: None)
    with pytest.raises(SettingsError, match="No space left"):
        data_key(settings(data_dir=tmp_path))
    assert seen == [False]
    assert list(tmp_path.iterdir()) == []


def test_is_on_disk_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[str, bool]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        synced.append((path.name, (tmp_path / "data" / "data.key").exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    data_key(settings(data_dir=tmp_path / "data"))
    assert synced[0] == (tmp_path.name, False)  # the name of the new folder
    assert synced[1][0].startswith("data.key.")
    assert synced[2] == ("data", True)


def test_is_required_with_a_redis_of_ones_own(tmp_path: Path) -> None:
    given = settings(data_dir=tmp_path, redis_url="redis://127.0.0.1:1/0")
    with pytest.raises(SettingsError, match="LETHE_DATA_KEY is missing"):
        data_key(given)
    (tmp_path / "data.key").write_text(KEY)
    assert data_key(given) == bytes(32)


def test_must_have_32_bytes() -> None:
    short = base64.b64encode(b"short").decode()
    with pytest.raises(SettingsError, match="32-byte key"):
        data_key(settings(data_key=short))


def test_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    assert data_key(settings(data_key_file=tmp_path / "key", data_dir="/proc/x")) == bytes(32)


@pytest.mark.parametrize("name", ["", "none", "file/none"])
def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"LETHE_DATA_KEY_FILE.*no readable file") as caught:
        data_key(settings(data_key_file=tmp_path / name))
    assert "missing" not in str(caught.value)


@pytest.mark.parametrize("folder", ["/proc/x", "file/x", "file", "taken"])
def test_a_data_folder_that_cannot_be_used_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "data.key").mkdir(parents=True)
    with pytest.raises(SettingsError, match="LETHE_DATA_DIR") as caught:
        data_key(settings(data_dir=tmp_path / folder))
    assert "\n" not in str(caught.value)


class TestTheKeyBefore:
    def test_there_is_none(self, tmp_path: Path) -> None:
        assert previous_data_key(settings(data_dir=tmp_path)) is None

    def test_set_in_a_file_or_beside_the_key(self, tmp_path: Path) -> None:
        assert previous_data_key(settings(previous_data_key=KEY)) == bytes(32)
        (tmp_path / "old").write_text(KEY)
        given = settings(previous_data_key_file=tmp_path / "old", data_dir=tmp_path)
        assert previous_data_key(given) == bytes(32)
        given = settings(data_dir=tmp_path)
        before(kept_in(given)).write_bytes(encoded(b"\x01" * 32))
        assert previous_data_key(given) == b"\x01" * 32
        assert len(open_cipher(given).known) == 2
        # The folder's keys are not those of a deployment that sets its own.
        assert previous_data_key(settings(data_dir=tmp_path, data_key=KEY)) is None

    def test_malformed_or_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="LETHE_PREVIOUS_DATA_KEY is no"):
            previous_data_key(settings(previous_data_key="short"))
        with pytest.raises(SettingsError, match="LETHE_PREVIOUS_DATA_KEY_FILE"):
            previous_data_key(settings(previous_data_key_file=tmp_path / "none"))
