"""The encrypted snapshot on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.registry.cipher import Cipher
from gateway.registry.delta import Delta
from gateway.registry.errors import Unreadable, WrongDataKey
from gateway.registry.models import ApiKey, Record, State
from gateway.registry.snapshot import SnapshotFile
from gateway.registry.status import Status

CIPHER = Cipher(bytes(32))
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def state(count: int = 3) -> State:
    return State(
        epoch="epoch",
        revision=17,
        records=tuple(
            Record(
                f"fr_{i}", 1, i + 1, Status.IN_PROGRESS,
                b'{"subject":{"name":"Mira Quell %d"}}' % i,
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
    SnapshotFile(path, CIPHER).replace(state(count))
    assert SnapshotFile(path, CIPHER).load() == state(count)


def test_there_is_none(path: Path) -> None:
    assert SnapshotFile(path, CIPHER).load() is None


def test_replaces_the_old_one_and_leaves_nothing_else(path: Path) -> None:
    SnapshotFile(path, CIPHER).replace(state(9))
    SnapshotFile(path, CIPHER).replace(state(1))
    assert SnapshotFile(path, CIPHER).load() == state(1)
    assert list(path.parent.iterdir()) == [path]


def test_is_private_and_tells_nothing(path: Path) -> None:
    SnapshotFile(path, CIPHER).replace(state())
    assert path.stat().st_mode & 0o777 == 0o600
    for planted in (b"Quell", b"compiled", b"officer", b"digest", b"fr_1", b"epoch"):
        assert planted not in path.read_bytes()


def test_a_failed_save_leaves_the_old_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SnapshotFile(path, CIPHER).replace(state(1))

    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="space"):
        SnapshotFile(path, CIPHER).replace(state(9))
    assert SnapshotFile(path, CIPHER).load() == state(1)
    assert list(path.parent.iterdir()) == [path]


def test_a_crash_amid_a_whole_state_leaves_the_old_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SnapshotFile(path, CIPHER).replace(state(1))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        patched.setattr(Path, "unlink", lambda *_, **__: None)  # nothing is tidied up
        with pytest.raises(KeyboardInterrupt):
            SnapshotFile(path, CIPHER).replace(state(9))
    assert SnapshotFile(path, CIPHER).load() == state(1)
    SnapshotFile(path, CIPHER).replace(state(2))
    assert list(path.parent.iterdir()) == [path]


def test_another_data_key(path: Path) -> None:
    SnapshotFile(path, CIPHER).replace(state())
    with pytest.raises(WrongDataKey):
        SnapshotFile(path, Cipher(b"\x01" * 32)).load()


def test_after_a_rotation_it_is_written_anew_with_the_new_key(path: Path) -> None:
    old, new = Cipher(bytes(32)), Cipher(b"\x01" * 32)
    both = Cipher(b"\x01" * 32, bytes(32))
    both.use(old.key_id)
    SnapshotFile(path, old).replace(state(2))
    file = SnapshotFile(path, both)
    assert file.load() == state(2)
    change = Delta("epoch", 18)
    assert file.append(change)
    both.use(new.key_id)
    assert not file.append(change)
    file.replace(state(3))
    assert file.append(change)
    found = SnapshotFile(path, new).load()
    assert found is not None
    assert (found.revision, found.records) == (18, state(3).records)


def test_every_cut_and_every_altered_byte_is_noticed(path: Path) -> None:
    SnapshotFile(path, CIPHER).replace(state(2))
    whole = path.read_bytes()
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        with pytest.raises(Unreadable, match="damaged"):
            SnapshotFile(path, CIPHER).load()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((Unreadable, WrongDataKey)):
            SnapshotFile(path, CIPHER).load()


def test_frames_of_an_older_snapshot_do_not_fit(path: Path) -> None:
    SnapshotFile(path, CIPHER).replace(state())
    old = path.read_bytes()
    SnapshotFile(path, CIPHER).replace(state())
    new = path.read_bytes()
    assert len(old) == len(new)
    path.write_bytes(new[: len(new) // 2] + old[len(old) // 2 :])
    with pytest.raises(Unreadable):
        SnapshotFile(path, CIPHER).load()


def change(revision: int, *ids: str, dropped: tuple[str, ...] = ()) -> Delta:
    records = (
        replace(record, id=name) for name, record in zip(ids, state(9).records, strict=False)
    )
    return Delta("epoch", revision, tuple(records), dropped)


def ids(found: State | None) -> tuple[int, set[str]]:
    assert found is not None
    return found.revision, {record.id for record in found.records}


@pytest.fixture
def grown(path: Path) -> list[int]:
    """Where the frames of a snapshot with three changes end."""
    file = SnapshotFile(path, CIPHER)
    file.replace(state(2))
    ends = [path.stat().st_size]
    for delta in (
        change(18, "fr_a"),
        change(19, "fr_b", dropped=("fr_0",)),
        replace(change(20, "fr_c"), keys=()),
    ):
        assert file.append(delta)
        ends.append(path.stat().st_size)
    return ends


def test_changes_come_back(path: Path, grown: list[int]) -> None:
    found = SnapshotFile(path, CIPHER).load()
    assert ids(found) == (20, {"fr_1", "fr_a", "fr_b", "fr_c"})
    assert found is not None
    assert found.keys == ()


def test_a_change_writes_no_more_than_itself(path: Path) -> None:
    file = SnapshotFile(path, CIPHER)
    large = replace(state(1).records[0], rule=bytes(3_000_000))
    file.replace(replace(state(), records=tuple(replace(large, id=f"fr_{i}") for i in range(3))))
    before = path.stat().st_size
    assert file.append(change(18, "fr_a"))
    assert path.stat().st_size - before < 1_000
    assert ids(SnapshotFile(path, CIPHER).load()) == (18, {"fr_0", "fr_1", "fr_2", "fr_a"})


@pytest.mark.parametrize("left", ["cut", "zeros", "noise"])
def test_a_last_change_that_a_crash_tore_is_dropped(
    path: Path, grown: list[int], left: str, caplog: pytest.LogCaptureFixture
) -> None:
    whole = path.read_bytes()
    for end in range(grown[2] + 1, grown[3], 5):
        rest = bytes(grown[3] - end)
        noise = whole[end:-1] + bytes([whole[-1] ^ 1])
        path.write_bytes(whole[:end] + {"cut": b"", "zeros": rest, "noise": noise}[left])
        assert ids(SnapshotFile(path, CIPHER).load()) == (19, {"fr_1", "fr_a", "fr_b"})
        assert "not saved whole" in caplog.text
        caplog.clear()


def test_what_follows_a_torn_change_takes_its_place(path: Path, grown: list[int]) -> None:
    path.write_bytes(path.read_bytes()[:-3])
    file = SnapshotFile(path, CIPHER)
    file.load()
    assert file.append(change(20, "fr_d"))
    assert ids(SnapshotFile(path, CIPHER).load()) == (20, {"fr_1", "fr_a", "fr_b", "fr_d"})


def test_a_failed_change_leaves_what_was_there(
    path: Path, grown: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SnapshotFile(path, CIPHER)
    file.load()

    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="space"):
            file.append(change(21, "fr_d"))
    assert file.append(change(21, "fr_e"))
    assert ids(SnapshotFile(path, CIPHER).load())[1] == {"fr_1", "fr_a", "fr_b", "fr_c", "fr_e"}


def test_swapped_left_out_and_repeated_changes_are_noticed(path: Path, grown: list[int]) -> None:
    whole = path.read_bytes()
    base = whole[: grown[0]]
    a, b, c = (whole[i:j] for i, j in pairwise(grown))
    for frames in ((b, a, c), (a, c, b), (b, c), (a, a, b, c), (a, b, b, c)):
        path.write_bytes(base + b"".join(frames))
        with pytest.raises(Unreadable, match="damaged"):
            SnapshotFile(path, CIPHER).load()


def test_an_overwritten_change_does_not_fit_in_the_place_of_the_new_one(
    path: Path, grown: list[int]
) -> None:
    old = path.read_bytes()
    path.write_bytes(old[:-1])
    file = SnapshotFile(path, CIPHER)
    file.load()
    file.append(change(20, "fr_d"))
    file.append(change(21, "fr_e"))
    path.write_bytes(old + path.read_bytes()[len(old) :])
    assert "fr_e" not in ids(SnapshotFile(path, CIPHER).load())[1]


def test_a_file_that_is_not_the_one_written_is_not_added_to(path: Path, grown: list[int]) -> None:
    file = SnapshotFile(path, CIPHER)
    assert not file.append(change(21, "fr_d"))  # neither written nor loaded
    file.load()
    SnapshotFile(path, CIPHER).replace(state())
    assert not file.append(change(21, "fr_d"))
    path.unlink()
    assert not file.append(change(21, "fr_d"))


def test_many_changes_ask_for_a_whole_state(path: Path) -> None:
    file = SnapshotFile(path, CIPHER)
    file.replace(state())
    large = replace(state(1).records[0], rule=bytes(600_000))
    told = [file.append(Delta("epoch", i, (large,))) for i in range(4)]
    assert told == [True, True, False, False]
