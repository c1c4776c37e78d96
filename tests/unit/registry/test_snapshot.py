"""The encrypted snapshot on disk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.registry.cipher import Cipher
from gateway.registry.errors import Unreadable, WrongDataKey
from gateway.registry.filing import Filing
from gateway.registry.models import ApiKey, Record, State, Status
from gateway.registry.snapshot import load_snapshot, save_snapshot

CIPHER = Cipher(bytes(32))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def state(count: int = 3) -> State:
    return State(
        epoch="epoch",
        revision=17,
        records=tuple(
            Record(
                f"fr_{i}", 1, i + 1, Status.IN_PROGRESS,
                Filing.model_validate({"subject": {"name": f"Mira Quell {i}"}}),
                b"compiled" * i, NOW, NOW,
            )
            for i in range(count)
        ),
        keys=(ApiKey("key_1", "officer", frozenset({"filer"}), b"digest", NOW),),
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "snapshot"


@pytest.mark.parametrize("count", [0, 1, 50])
def test_comes_back(path: Path, count: int) -> None:
    save_snapshot(path, CIPHER, state(count))
    assert load_snapshot(path, CIPHER) == state(count)


def test_there_is_none(path: Path) -> None:
    assert load_snapshot(path, CIPHER) is None


def test_replaces_the_old_one_and_leaves_nothing_else(path: Path) -> None:
    save_snapshot(path, CIPHER, state(9))
    save_snapshot(path, CIPHER, state(1))
    assert load_snapshot(path, CIPHER) == state(1)
    assert list(path.parent.iterdir()) == [path]


def test_is_private_and_tells_nothing(path: Path) -> None:
    save_snapshot(path, CIPHER, state())
    assert path.stat().st_mode & 0o777 == 0o600
    for planted in (b"Quell", b"compiled", b"officer", b"digest", b"fr_1", b"epoch"):
        assert planted not in path.read_bytes()


def test_a_failed_save_leaves_the_old_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_snapshot(path, CIPHER, state(1))

    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        save_snapshot(path, CIPHER, state(9))
    assert load_snapshot(path, CIPHER) == state(1)
    assert list(path.parent.iterdir()) == [path]


def test_another_data_key(path: Path) -> None:
    save_snapshot(path, CIPHER, state())
    with pytest.raises(WrongDataKey):
        load_snapshot(path, Cipher(b"\x01" * 32))


def test_every_cut_and_every_altered_byte_is_noticed(path: Path) -> None:
    save_snapshot(path, CIPHER, state(2))
    whole = path.read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        with pytest.raises(Unreadable, match="damaged"):
            load_snapshot(path, CIPHER)
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((Unreadable, WrongDataKey)):
            load_snapshot(path, CIPHER)


def test_something_behind_the_end_is_noticed(path: Path) -> None:
    save_snapshot(path, CIPHER, state())
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Unreadable):
        load_snapshot(path, CIPHER)


def test_frames_of_an_older_snapshot_do_not_fit(path: Path) -> None:
    save_snapshot(path, CIPHER, state())
    old = path.read_bytes()
    save_snapshot(path, CIPHER, state())
    new = path.read_bytes()
    assert len(old) == len(new)
    path.write_bytes(new[: len(new) // 2] + old[len(old) // 2 :])
    with pytest.raises(Unreadable):
        load_snapshot(path, CIPHER)
