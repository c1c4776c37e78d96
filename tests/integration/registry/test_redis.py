"""What only a real Redis can show: secrecy, durability, trouble."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import redis

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry import keys
from gateway.registry.cipher import Cipher
from gateway.registry.embedded import EmbeddedRedis
from gateway.registry.errors import LedgerBroken, Unreadable, WrongDataKey
from gateway.registry.filter import Filter
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from tests.integration.registry.support import (
    BY,
    CIPHER,
    RedisStore,
    api_key,
    draft,
    move,
    redis_server,
    until,
)

PERSISTENT = ("--appendonly", "yes", "--appendfsync", "always")


@pytest_asyncio.fixture
async def registry(redis_store: RedisStore) -> AsyncIterator[RedisRegistry]:
    registry = redis_store.connect()
    await registry.open()
    yield registry
    await registry.close()


def runs(pid: int) -> bool:
    """Whether a process runs; one that is dead but was never waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def everything(store: RedisStore) -> bytes:
    """All names and values in Redis, as one run of bytes."""
    raw: Any = store.raw
    dump = b""
    for name in raw.scan_iter(count=1000):
        read = {
            b"string": ("GET", name),
            b"hash": ("HGETALL", name),
            b"zset": ("ZRANGE", name, 0, -1, "WITHSCORES"),
            b"stream": ("XRANGE", name, "-", "+"),
            b"set": ("SMEMBERS", name),
            b"list": ("LRANGE", name, 0, -1),
        }[raw.execute_command("TYPE", name)]
        dump += name + repr(raw.execute_command(*read)).encode() + b"\n"
    return dump


class TestSecrecy:
    async def test_nothing_tells_a_subject(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        planted = ["Zebulon Quirke", "Zeb Q", "a dentist of Vantor", "Where does Quirke live"]
        planted += ["Number Nine Heron Row", "He collects owls", "compiled", "Night Heron"]
        submitted = str(uuid4())
        record, _ = await registry.file(
            draft(
                submitted=submitted,
                subject={"name": planted[0], "aliases": [planted[1]], "description": planted[2]},
                scope={
                    "questions": [{"question": planted[3], "answer": planted[4]}],
                    "passages": [planted[5]],
                    "forbidden": [planted[7]],
                },
            )
        )
        await registry.put_key(api_key(), BY)
        await registry.acknowledge("a", 2)
        await move(registry, record.id, Status.LIFTED)
        dump = everything(redis_store).lower()
        for text in [*planted, submitted, submitted.replace("-", ""), "digest"]:
            assert text.lower().encode() not in dump
        for word in b"zebulon quirke vantor heron owls dentist".split():
            assert word not in dump

    async def test_every_key_is_in_one_slot_and_lives_for_ever(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await registry.file(draft(submitted=str(uuid4())))
        await registry.put_key(api_key(), BY)
        await registry.acknowledge("a", 1)
        names = list(redis_store.raw.scan_iter())
        assert len(names) >= 9
        assert all(name.startswith(keys.PREFIX.encode()) for name in names)
        assert {redis_store.raw.ttl(name) for name in names} == {-1}

    async def test_the_representation_of_a_record_tells_nothing(
        self, registry: RedisRegistry
    ) -> None:
        record, _ = await registry.file(draft())
        assert "Quell" not in repr(record)

    async def test_another_data_key(self, registry: RedisRegistry, redis_store: RedisStore) -> None:
        other = RedisRegistry(redis_store.url, Cipher(bytes(32)))
        with pytest.raises(WrongDataKey, match="LETHE_DATA_KEY"):
            await other.open()
        with pytest.raises(WrongDataKey):  # and nothing is filed with it either
            await other.file(draft())
        await other.close()

    async def test_texts_do_not_change_places(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        one, _ = await registry.file(draft())
        two, _ = await registry.file(draft("Tom Quell"))
        stolen = redis_store.raw.hget(keys.request(one.id), "filing")
        redis_store.raw.hset(keys.request(two.id), "filing", stolen)
        with pytest.raises(Unreadable):
            await registry.get(two.id)

    @pytest.mark.parametrize("field", ["filing", "version", "status", "received_time"])
    async def test_a_damaged_record(
        self, registry: RedisRegistry, redis_store: RedisStore, field: str
    ) -> None:
        record, _ = await registry.file(draft())
        redis_store.raw.hset(keys.request(record.id), field, "x")
        with pytest.raises(Unreadable):
            await registry.get(record.id)
        redis_store.raw.hdel(keys.request(record.id), field)
        with pytest.raises(Unreadable):
            await registry.state()


class TestOpening:
    async def test_a_newer_schema(self, registry: RedisRegistry, redis_store: RedisStore) -> None:
        redis_store.raw.hset(keys.META, "schema", 3)
        with pytest.raises(SettingsError, match="newer version"):
            await registry.open()

    async def test_a_ledger_without_its_meta_data(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await registry.file(draft())
        redis_store.raw.delete(keys.META)
        with pytest.raises(LedgerBroken):
            await registry.open()


class TestTrouble:
    async def test_scripts_that_redis_forgot_are_sent_again(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await registry.file(draft())
        redis_store.raw.script_flush()
        assert (await registry.file(draft("Tom Quell")))[0].revision == 2

    async def test_nothing_half_done_without_memory(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        await registry.file(draft())
        redis_store.raw.config_set("maxmemory", 1)
        try:
            with pytest.raises(RegistryUnavailable, match="maxmemory"):
                await registry.file(draft("Tom Quell"))
        finally:
            redis_store.raw.config_set("maxmemory", 0)
        assert (await registry.state()).revision == 1
        assert len(await registry.tail(0, 1)) == 1

    async def test_nobody_there(self, short_path: Path) -> None:
        registry = RedisRegistry(f"unix://{short_path}/redis.sock", CIPHER, timeout_s=0.5)
        for call in (registry.open(), registry.file(draft()), registry.tail(0, 5)):
            with pytest.raises(RegistryUnavailable, match="cannot be reached"):
                await call
        await registry.close()

    async def test_a_full_redis_is_still_read(
        self, registry: RedisRegistry, redis_store: RedisStore
    ) -> None:
        record, _ = await registry.file(draft())
        await registry.acknowledge("a", 1)
        redis_store.raw.config_set("maxmemory", 1)
        try:
            with pytest.raises(RegistryUnavailable, match="maxmemory"):
                await registry.file(draft("Tom Quell"))
            assert (await registry.state()).records[0].id == record.id
            assert (await registry.get(record.id)).status is Status.COMPLETED
            assert [c.id for c in await registry.tail(0, 0.2)] == [record.id]
            assert [r.id for r in await registry.gateways()] == ["a"]
        finally:
            redis_store.raw.config_set("maxmemory", 0)
        assert (await registry.file(draft("Tom Quell")))[1]

    async def test_a_frozen_redis_costs_the_time_out_and_no_more(self, short_path: Path) -> None:
        with redis_server(short_path, *PERSISTENT) as process:
            registry = RedisRegistry(f"unix://{short_path}/redis.sock", CIPHER, timeout_s=0.3)
            await registry.open()
            record, _ = await registry.file(draft())
            process.send_signal(signal.SIGSTOP)
            calls = [
                registry.file(draft()),
                registry.get(record.id),
                registry.list(Filter(), 10, None),
                move(registry, record.id, Status.LIFTED),
                registry.put_key(api_key(), BY),
                registry.state(),
                registry.tail(1, 0.3),
                registry.acknowledge("a", 1),
                registry.gateways(),
                registry.open(),
                *(registry.get(record.id) for _ in range(50)),  # more than there are connections
            ]
            started = time.monotonic()
            answers = await asyncio.gather(*calls, return_exceptions=True)
            assert time.monotonic() - started < 1.5
            assert {type(answer) for answer in answers} == {RegistryUnavailable}
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.1)
            assert (await registry.get(record.id)).filing == record.filing
            await registry.close()

    async def test_a_blocked_tail_ends_with_its_redis(self, short_path: Path) -> None:
        with redis_server(short_path, *PERSISTENT) as process:
            registry = RedisRegistry(f"unix://{short_path}/redis.sock", CIPHER)
            await registry.open()
            tail = asyncio.create_task(registry.tail(0, 30))
            await asyncio.sleep(0.1)
            process.kill()
            with pytest.raises(RegistryUnavailable):
                await asyncio.wait_for(tail, 20)
            await registry.close()

    async def test_killed_right_after_filing_nothing_is_lost(self, short_path: Path) -> None:
        registry = RedisRegistry(f"unix://{short_path}/redis.sock", CIPHER)
        filed = []
        for round_ in range(5):
            with redis_server(short_path, *PERSISTENT) as process:
                await asyncio.sleep(0.02)  # time to notice that the old connections are closed
                await registry.open()
                for i in range(10):
                    record, _ = await registry.file(draft(f"Person {round_} {i}"))
                    filed.append(record)
                process.kill()  # as kill -9
                process.wait()
        with redis_server(short_path, *PERSISTENT):
            await asyncio.sleep(0.02)
            # The same object, and no call to open: it finds Redis again by itself.
            state = await registry.state()
            assert state.revision == 50
            assert state.records == tuple(sorted(filed, key=lambda r: (r.received_time, r.id)))
            assert [c.id for c in await registry.tail(0, 1)] == [r.id for r in filed]
        await registry.close()


class TestEmbedded:
    @staticmethod
    def pid(server: EmbeddedRedis) -> int:
        with redis.Redis(unix_socket_path=str(server.socket)) as client:
            return int(client.info("server")["process_id"])

    async def test_two_on_one_folder_share_a_server(self, short_path: Path) -> None:
        one, two = EmbeddedRedis(short_path), EmbeddedRedis(short_path)
        assert set(await asyncio.gather(one.start(), two.start())) == {one.url}
        pid = self.pid(one)
        assert self.pid(two) == pid
        await one.stop()
        assert self.pid(two) == pid
        await two.stop()
        assert not runs(pid)

    async def test_is_private(self, short_path: Path) -> None:
        server = EmbeddedRedis(short_path)
        await server.start()
        assert server.folder.stat().st_mode & 0o777 == 0o700
        assert server.socket.stat().st_mode & 0o777 == 0o700
        for path in server.folder.iterdir():
            assert path.stat().st_mode & 0o077 == 0, path
        await server.stop()

    async def test_filings_outlive_it(self, short_path: Path) -> None:
        for expected in (1, 2, 3):
            server = EmbeddedRedis(short_path)
            registry = RedisRegistry(await server.start(), CIPHER)
            assert (await registry.file(draft()))[0].revision == expected
            assert not registry.volatile
            await registry.close()
            await server.stop()

    async def test_it_stops_while_a_server_that_died_does_not_come_back(
        self, short_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, begun = EmbeddedRedis(short_path), asyncio.Event()
        await server.start()

        async def loads() -> str:
            begun.set()
            return "loading"

        monkeypatch.setattr("gateway.registry.embedded._listening", lambda _: False)
        monkeypatch.setattr(server, "_answers", loads)
        await begun.wait()
        async with asyncio.timeout(10):  # or it would never
            await server.stop()

    async def test_a_killed_gateway_leaves_a_server_that_is_adopted(self, short_path: Path) -> None:
        script = (
            "import asyncio, os, sys, signal\n"
            "from pathlib import Path\n"
            "from gateway.registry.embedded import EmbeddedRedis\n"
            "async def main():\n"
            "    await EmbeddedRedis(Path(sys.argv[1])).start()\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "asyncio.run(main())\n"
        )
        killed = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", script, str(short_path)], check=False
        )
        assert killed.returncode == -signal.SIGKILL
        server = EmbeddedRedis(short_path)
        pid = self.pid(server)
        assert os.getsid(pid) not in (os.getsid(0), os.getpgid(0))  # Ctrl-C passes it by
        await server.start()
        assert self.pid(server) == pid
        await server.stop()
        assert not runs(pid)

    async def test_a_killed_server_is_started_again(self, short_path: Path) -> None:
        server = EmbeddedRedis(short_path)
        registry = RedisRegistry(await server.start(), CIPHER)
        record, _ = await registry.file(draft())
        os.kill(self.pid(server), signal.SIGKILL)

        async def back() -> bool:
            try:
                return (await registry.get(record.id)).filing == record.filing
            except RegistryUnavailable:
                return False

        await until(back)
        await registry.close()
        await server.stop()

    async def test_a_long_data_folder(self, short_path: Path) -> None:
        server = EmbeddedRedis(short_path / ("long " * 15) / ("longer" * 15))
        registry = RedisRegistry(await server.start(), CIPHER)
        await registry.open()
        await registry.close()
        await server.stop()
        server.socket.parent.rmdir()

    async def test_a_folder_with_odd_characters(self, short_path: Path) -> None:
        server = EmbeddedRedis(short_path / "a%20b ?#é'")
        registry = RedisRegistry(await server.start(), CIPHER)
        await registry.open()
        await registry.close()
        await server.stop()

    async def test_damaged_data_are_told(self, short_path: Path) -> None:
        server = EmbeddedRedis(short_path)
        await server.start()
        await server.stop()
        for path in server.folder.rglob("*.aof"):
            path.write_bytes(b"garbage\r\n" * 10)
        broken = EmbeddedRedis(short_path)
        with pytest.raises(SettingsError, match=r"does not run .*LETHE_REDIS_URL"):
            await broken.start()

    async def test_no_folder_can_be_made(self, short_path: Path) -> None:
        (short_path / "file").write_text("")
        with pytest.raises(SettingsError, match="LETHE_DATA_DIR"):
            await EmbeddedRedis(short_path / "file").start()

    async def test_data_of_a_newer_redis_are_not_overlooked(
        self, short_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (short_path / "redis" / "appendonlydir").mkdir(parents=True)
        monkeypatch.setattr(
            "gateway.registry.redis_server.find_server", lambda: (Path("/bin/false"), (6, 2))
        )
        with pytest.raises(SettingsError, match="newer"):
            await EmbeddedRedis(short_path).start()
