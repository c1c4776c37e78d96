"""How the store is doing, as it tells itself: what operators watch, nothing that was filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.registry import keys
from gateway.registry.redis_link import RedisLink


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """One look at the store. Memory in bytes, `max_memory` 0 where there is no bound.

    `persistent` says that every change goes to disk and that the last one could be written;
    `clock` is the store's own time in seconds since 1970, `ledger_length` counts the changes.
    """

    version: str
    used_memory: int
    max_memory: int
    policy: str
    persistent: bool
    clock: float
    ledger_length: int


async def redis_health(link: RedisLink) -> StoreHealth:
    """Ask Redis, in one round trip; raises `RegistryUnavailable`."""
    server, memory, disk, clock, length = await link.read(
        ("INFO", "server"),
        ("INFO", "memory"),
        ("INFO", "persistence"),
        ("TIME",),
        ("XLEN", keys.LEDGER),
        atomic=False,
    )
    return _health(server, memory, disk, clock, length)


def _health(
    server: Mapping[str, Any],
    memory: Mapping[str, Any],
    disk: Mapping[str, Any],
    clock: Sequence[Any],
    length: int,
) -> StoreHealth:
    written = str(disk.get("aof_last_write_status", "ok"))
    return StoreHealth(
        version=str(server.get("redis_version", "")),
        used_memory=int(memory.get("used_memory", 0)),
        max_memory=int(memory.get("maxmemory", 0)),
        policy=str(memory.get("maxmemory_policy", "")),
        persistent=bool(int(disk.get("aof_enabled", 0))) and written == "ok",
        clock=int(clock[0]) + int(clock[1]) / 1e6,
        ledger_length=int(length),
    )
