"""An append-only file that was torn in the middle of a change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.redis_server import find_server
from gateway.registry.redis_tail import mend
from tests.chaos.store import Store

CHANGE = """
redis.call('XADD', 'audit', ARGV[1] .. '-0', 'entry', ARGV[2])
redis.call('SET', 'head', ARGV[2])
redis.call('XADD', 'ledger', ARGV[1] .. '-0', 'entry', ARGV[2])
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as running:
        yield running


def change(store: Store, number: int, text: str) -> None:
    with store.client() as client:
        client.eval(CHANGE, 0, str(number), text)


def told(store: Store) -> tuple[list[bytes], bytes, list[bytes]]:
    """The audit, its head and the ledger."""
    with store.client() as client:
        streams: list[Any] = [client.xrange(name) for name in ("audit", "ledger")]
        audit, ledger = ([fields[b"entry"] for _, fields in entries] for entries in streams)
        head: Any = client.get("head")
        return audit, head, ledger


def written(store: Store) -> Path:
    folder = store.folder / "appendonlydir"
    return max(folder.glob("*.incr.aof")) if folder.exists() else store.folder / "appendonly.aof"


@pytest.mark.parametrize("left", ["in the middle of a command", "after a whole command"])
def test_what_is_acknowledged_after_a_torn_change_stays(store: Store, left: str) -> None:
    change(store, 1, "first")
    whole = written(store).stat().st_size
    change(store, 2, "torn" * 10)
    store.kill()
    log = written(store).read_bytes()
    last = log.rindex(b"*5\r\n$4\r\nXADD")
    assert last > whole
    written(store).write_bytes(log[: last + (20 if "middle" in left else 0)])
    store.start()
    assert told(store) == ([b"first"], b"first", [b"first"])
    change(store, 2, "second")
    for _ in range(2):
        store.kill()
        store.start()
        assert told(store) == ([b"first", b"second"], b"second", [b"first", b"second"])


def test_what_is_broken_before_the_end_is_left_alone(store: Store) -> None:
    for number in range(1, 4):
        change(store, number, "x" * 50)
    store.kill()
    path = written(store)
    log = bytearray(path.read_bytes())
    log[len(log) // 2 : len(log) // 2 + 2] = b"\0\0"
    path.write_bytes(log)
    mend(find_server()[0], store.folder)
    assert path.read_bytes() == log


def test_a_folder_without_a_file_is_left_alone(tmp_path: Path) -> None:
    mend(find_server()[0], tmp_path)
    assert list(tmp_path.iterdir()) == []
