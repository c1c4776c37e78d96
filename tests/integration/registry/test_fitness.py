"""Which Redis is accepted, with which warning, and what is said to the others."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import redis

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry.redis_server import _candidates
from gateway.registry.redis_store import RedisRegistry
from gateway.registry.status import Status
from tests.integration.registry.support import CIPHER, draft, redis_server

PERSISTENT = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--save", "", "--appendonly", "no"), "does not persist"),
        (("--save", "60", "1", "--appendonly", "no"), "append-only file"),
        ((*PERSISTENT, "--maxmemory-policy", "allkeys-lru", "--maxmemory", "50mb"), "evicts"),
        ((*PERSISTENT, "--maxmemory-policy", "volatile-ttl"), "evicts"),
    ],
)
async def test_a_volatile_redis_is_refused(
    short_path: Path,
    options: tuple[str, ...],
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = f"unix://{short_path}/redis.sock"
    with redis_server(short_path, *options):
        strict = RedisRegistry(url, CIPHER)
        with pytest.raises(SettingsError, match=f"{reason}.*LETHE_ALLOW_VOLATILE_REDIS"):
            await strict.open()
        await strict.close()
        lax = RedisRegistry(url, CIPHER, allow_volatile=True)
        with caplog.at_level(logging.WARNING):
            await lax.open()
        assert lax.volatile
        assert "CAN BE LOST" in caplog.text
        assert ["CAN BE LOST" in text for text in lax.warnings] == [True]
        await lax.close()


@pytest.mark.parametrize(
    ("appendfsync", "told"), [("everysec", "Up to a second of filings"), ("no", "appendfsync no")]
)
async def test_late_writing_is_accepted_and_told_once(
    short_path: Path, caplog: pytest.LogCaptureFixture, appendfsync: str, told: str
) -> None:
    with redis_server(short_path, "--appendonly", "yes", "--appendfsync", appendfsync):
        registry = RedisRegistry(f"unix://{short_path}/redis.sock", CIPHER)
        with caplog.at_level(logging.WARNING):
            for _ in range(3):  # as after every trouble
                await registry.open()
        assert not registry.volatile
        (warning,) = registry.warnings
        assert told in warning
        assert "set appendfsync always" in warning
        assert caplog.text.count(warning) == 1
        with redis.Redis(unix_socket_path=f"{short_path}/redis.sock") as client:
            client.config_set("appendfsync", "always")
        await registry.open()
        assert registry.warnings == ()
        await registry.close()


@pytest.mark.parametrize(("aof", "accepted"), [("yes", True), ("no", False)])
async def test_where_config_is_forbidden_info_decides(
    short_path: Path, aof: str, accepted: bool
) -> None:
    user = "lethe on >pa:ss~/word ~{lethe}:* +@all -@dangerous +info +client|setname".split()
    arguments = ["--appendonly", aof, "--user", *user]
    with redis_server(short_path, *arguments):
        url = f"unix://lethe:pa%3Ass~%2Fword@{short_path}/redis.sock"
        registry = RedisRegistry(url, CIPHER)
        if accepted:
            await registry.open()
            assert ["+config|get" in text for text in registry.warnings] == [True]
            record, _ = await registry.file(draft())
            await registry.acknowledge("a", 1)
            assert (await registry.get(record.id)).status is Status.COMPLETED
            assert len(await registry.tail(0, 1)) == 1
        else:
            with pytest.raises(SettingsError, match="append-only file"):
                await registry.open()
        await registry.close()


@pytest.mark.parametrize("binary", _candidates(), ids=lambda path: path.parent.parent.name)
@pytest.mark.parametrize(
    ("rights", "refused"),
    [
        ("~* +ping", "CLIENT SETNAME"),
        ("~{lethe}:* +@all -@dangerous +client|setname", "INFO"),
    ],
)
async def test_a_user_without_rights_is_told_which(
    short_path: Path, monkeypatch: pytest.MonkeyPatch, binary: Path, rights: str, refused: str
) -> None:
    support = "tests.integration.registry.support.find_server"
    monkeypatch.setattr(support, lambda: (binary, (6, 2)))
    with redis_server(short_path, *PERSISTENT, "--user", *f"poor on >word {rights}".split()):
        registry = RedisRegistry(f"unix://poor:word@{short_path}/redis.sock", CIPHER)
        with pytest.raises(SettingsError) as caught:
            await registry.open()
        await registry.close()
    told, grant = str(caught.value).split(" grant ")
    assert told.endswith(f" may not run {refused};")
    assert {"+info", "+config|get", "+client|setname."} <= set(grant.split())


async def test_a_wrong_password_is_told_without_it(short_path: Path) -> None:
    with redis_server(short_path, *PERSISTENT, "--requirepass", "right", password="right"):
        for credentials in (":wrong-secret@", ""):
            url = f"unix://{credentials}{short_path}/redis.sock"
            registry = RedisRegistry(url, CIPHER)
            with pytest.raises(SettingsError, match="LETHE_REDIS_URL") as error:
                await registry.open()
            assert "secret" not in str(error.value)
            await registry.close()


@pytest.mark.parametrize(
    "url", ["", "localhost", "http://localhost", "redis://user:pa/secret@host:6379", "amqp://x"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="LETHE_REDIS_URL") as error:
        RedisRegistry(url, CIPHER)
    assert "secret" not in str(error.value)


async def test_a_redis_that_is_loading_is_waited_for(redis_url: str) -> None:
    """Meanwhile it says that it keeps no append-only file: no reason to give up for good."""
    registry = RedisRegistry(redis_url, CIPHER)
    true = registry._link.commands.info

    async def loading() -> dict[str, Any]:
        return await true() | {"loading": 1, "aof_enabled": 0}

    registry._link.commands.info = loading  # type: ignore[method-assign,assignment]
    with pytest.raises(RegistryUnavailable, match="still loading"):
        await registry.open()
    registry._link.commands.info = true  # type: ignore[method-assign]
    await registry.open()
    await registry.close()
