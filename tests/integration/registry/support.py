"""Drafts and keys to file, and the two registries behind one face."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import redis

from gateway.registry import keys, moving
from gateway.registry.cipher import Cipher
from gateway.registry.filing import Filing
from gateway.registry.memory import MemoryRegistry
from gateway.registry.models import ApiKey, Change, Draft, Record
from gateway.registry.redis_server import find_server
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from gateway.registry.store import Registry

LEASE_S = 0.3
BY = "key_officer"
CIPHER = Cipher(bytes(range(32)))
NOW = datetime(2026, 3, 1, 12, 30, 15, 123_457, tzinfo=UTC)


def filing(name: str = "Mira Quell", submitted: str | None = None, **more: Any) -> Filing:
    return Filing.model_validate(
        {"subject": {"name": name}, "subject_request_id": submitted, **more}
    )


def draft(name: str = "Mira Quell", submitted: str | None = None, **more: Any) -> Draft:
    return Draft(
        id=f"fr_{uuid4().hex}",
        filing=filing(name, submitted, **more),
        rule=b"\x00compiled\xff",
        received_time=NOW,
        expected_completion_time=NOW + timedelta(days=30),
    )


def api_key(key_id: str = "key_1") -> ApiKey:
    return ApiKey(key_id, "officer", frozenset({"filer", "client"}), b"\x01\xfedigest", NOW)


async def move(registry: Registry, request_id: str, to: Status) -> Record:
    """Move a request as an officer does."""
    return await moving.move(registry, request_id, to, BY)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Wait until a condition holds; fails when that takes too long."""
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.02)


class Store(Protocol):
    """A place that keeps a registry, and what can go wrong with it."""

    def connect(self) -> Registry: ...
    def cut(self, revision: int) -> None: ...
    def rewind(self, revision: int) -> None: ...
    def replace(self) -> None: ...


class MemoryStore:
    def __init__(self) -> None:
        self._registry = MemoryRegistry(lease_s=LEASE_S)

    def connect(self) -> Registry:
        return self._registry

    def cut(self, revision: int) -> None:
        """Take one entry out of the ledger."""
        del self._registry._ledger.changes[revision - 1]

    def rewind(self, revision: int) -> None:
        """What a restored backup looks like."""
        del self._registry._ledger.changes[revision:]

    def replace(self) -> None:
        """Another ledger of the same length."""
        self._registry._ledger.epoch = str(uuid4())
        changes = [Change(c.revision, c.kind, c.id) for c in self._registry._ledger.changes]
        self._registry._ledger.changes = changes


class RedisStore:
    """`raw` is a client to the Redis at `url`, or to the node behind it that is written to."""

    def __init__(self, url: str, raw: redis.Redis | None = None, replicas: int = 0) -> None:
        self.url = url
        self.raw = raw or redis.Redis.from_url(url)
        self.replicas = replicas

    def connect(self) -> RedisRegistry:
        return RedisRegistry(
            self.url, CIPHER, timeout_s=2.0, lease_s=LEASE_S, replicas=self.replicas
        )

    def cut(self, revision: int) -> None:
        self.raw.xdel(keys.LEDGER, f"{revision}-0")

    def rewind(self, revision: int) -> None:
        self.raw.set(keys.REVISION, revision)
        self.raw.xtrim(keys.LEDGER, maxlen=0)

    def replace(self) -> None:
        self.raw.hset(keys.META, "epoch", str(uuid4()))


@contextmanager
def _running(process: subprocess.Popen[bytes], client: redis.Redis) -> Any:
    try:
        for _ in range(200):
            try:
                client.ping()
                break
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
        yield process
    finally:
        client.close()
        process.kill()
        process.wait()


def redis_server(
    folder: Path, *options: str, password: str | None = None
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """A redis-server of one's own configuration on `folder/redis.sock`."""
    binary, _ = find_server()
    folder.mkdir(exist_ok=True)
    socket = folder / "redis.sock"
    process = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", socket, "--dir", folder, *options],
        stdout=subprocess.DEVNULL,
    )
    return _running(process, redis.Redis(unix_socket_path=str(socket), password=password))
