"""A full disk, short memory: filings are refused with the reason, and taken again by themselves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.errors import RegistryUnavailable
from gateway.registry.embedded import EmbeddedRedis
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.redis_watch import memory_warnings, replica_warnings
from gateway.registry.room import Room
from tests.chaos.full_disk import may_mount, mounted
from tests.integration.registry.support import CIPHER, RedisStore, draft, redis_server, until


@pytest.fixture
def small_disk(short_path: Path) -> Iterator[Path]:
    """A folder on a disk of 8 MiB."""
    if not may_mount():
        pytest.skip("only root may mount a small file system")
    folder = short_path / "redis"
    folder.mkdir()
    with mounted(folder):
        yield folder


async def refused(registry: RedisRegistry) -> str:
    """What is told once filings are refused; until then, they are acknowledged."""
    while True:
        try:
            await registry.file(draft(submitted=str(uuid4())))
        except RegistryUnavailable as error:
            return str(error)


async def filed_again(registry: RedisRegistry) -> bool:
    try:
        return (await registry.file(draft("Ada Quell", submitted=str(uuid4()))))[1]
    except RegistryUnavailable:
        return False


def fill(folder: Path) -> Path:
    """Leave no byte on a disk; the file that took them comes back."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        size = 2**16
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return ballast


async def test_the_embedded_redis_on_a_full_disk(short_path: Path, small_disk: Path) -> None:
    server = EmbeddedRedis(short_path)
    registry = RedisRegistry(await server.start(), CIPHER, folder=small_disk)
    await registry.open()
    assert any("nearly full" in text for text in registry.warnings)
    before, _ = await registry.file(draft("Tom Hart"))
    ballast = fill(small_disk)
    await refused(registry)  # by a Redis that has died over it
    assert "the disk of LETHE_DATA_DIR is full; make room" in await refused(registry)
    ballast.unlink()
    await until(lambda: filed_again(registry))
    state = await registry.state()
    assert before in state.records
    assert len(await registry.tail(0, 1)) == state.revision == len(state.records)
    await registry.close()
    await server.stop()


async def test_another_redis_on_a_full_disk(small_disk: Path) -> None:
    with redis_server(small_disk, "--appendonly", "yes", "--appendfsync", "everysec"):
        registry = RedisRegistry(f"unix://{small_disk}/redis.sock", CIPHER)
        await registry.open()
        ballast = fill(small_disk)
        assert "make room" in await refused(registry)
        await registry.open()
        assert any("append-only file" in text for text in registry.warnings)
        ballast.unlink()
        await until(lambda: filed_again(registry))
        await registry.open()
        assert not any("cannot write" in text for text in registry.warnings)
        assert len(await registry.tail(0, 1)) == (await registry.state()).revision
        await registry.close()


async def test_memory_that_fills_up_is_told(redis_store: RedisStore) -> None:
    registry = redis_store.connect()
    redis_store.raw.set("filler", bytes(16 * 2**20))  # a tenth of it is room enough to begin
    used = int(redis_store.raw.info("memory")["used_memory"])
    redis_store.raw.config_set("maxmemory", used + used // 10)
    try:
        await registry.open()
        assert any("80 % of its maxmemory" in text for text in registry.warnings)
        redis_store.raw.config_set("maxmemory", 0)
        await registry.open()
        assert registry.warnings == ()
    finally:
        redis_store.raw.config_set("maxmemory", 0)
        redis_store.raw.delete("filler")
        await registry.close()


async def test_it_looks_again_while_it_runs(
    redis_store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = redis_store.connect()
    await registry.open()
    redis_store.raw.config_set("maxmemory", 10 * 2**20)
    monkeypatch.setattr("gateway.registry.redis_watch._MEMORY_SHARE", 0.0)
    try:
        await registry.acknowledge("a", 0)
        assert registry.warnings == ()  # not every second
        monkeypatch.setattr(registry._watch, "_next", 0.0)
        await registry.acknowledge("a", 0)
        assert len(registry.warnings) == 1
    finally:
        redis_store.raw.config_set("maxmemory", 0)
        await registry.close()


@pytest.mark.parametrize(
    ("free", "total", "found"),
    [
        (100 * 2**30, 1000 * 2**30, (False, False)),
        (40 * 2**30, 1000 * 2**30, (True, False)),  # less than a twentieth
        (2**30 - 1, 4 * 2**30, (True, False)),
        (2**20 - 1, 4 * 2**30, (True, True)),
    ],
)
def test_a_disk_is_low_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, total: int, found: tuple[bool, bool]
) -> None:
    usage = shutil._ntuple_diskusage(total, total - free, free)
    monkeypatch.setattr("gateway.registry.room.shutil.disk_usage", lambda folder: usage)
    assert (Room(tmp_path).low, Room(tmp_path).full) == found
    assert not Room(None).low


def test_without_maxmemory_the_machine_is_the_bound() -> None:
    used = {"used_memory": 9, "maxmemory": 0, "total_system_memory": 10}
    (told,) = memory_warnings(used)
    assert "machine" in told
    assert not [*memory_warnings(used | {"used_memory": 7})]


@pytest.mark.parametrize(
    ("online", "asked", "told"), [(0, 1, "0 of the 1"), (1, 1, "Run one more"), (2, 1, None)]
)
def test_replicas_that_are_missing_are_told(online: int, asked: int, told: str | None) -> None:
    info = {f"slave{i}": {"state": "online"} for i in range(online)}
    warnings = [*replica_warnings(info | {"min_slaves_good_slaves": 1}, asked, fails_over=True)]
    assert [told in text for text in warnings] == [True] if told else not warnings
