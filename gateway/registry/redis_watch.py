"""Watches what Redis needs to go on taking filings, memory, disk and replicas; warns in time."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import RegistryUnavailable
from gateway.registry.redis_link import RedisLink
from gateway.registry.room import Room

log = logging.getLogger(__name__)

_EVERY_S = 60.0
_MEMORY_SHARE = 0.8
_NO_ROOM = "The disk of LETHE_DATA_DIR is nearly full; filings are refused once it is: make room."


class RedisWatch:
    """Looks at Redis now and then, and at the disk of the embedded one whenever it is asked."""

    def __init__(self, link: RedisLink, room: Room, *, replicas: int) -> None:
        self._link = link
        self._room = room
        self._replicas = replicas
        self._next = 0.0
        self._found: tuple[str, ...] = ()
        self._told: tuple[str, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the last look found, in sentences, and whether room is short at this moment."""
        return (*self._found, _NO_ROOM) if self._room.low else self._found

    async def look(self, *, now: bool = False) -> None:
        """Look, if the last time is a minute ago or more, or `now`; tells the log what is new.

        A Redis that cannot be reached is not this one's business: what was found stays.
        """
        if not now and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        with contextlib.suppress(RegistryUnavailable):
            async with self._link.reach():
                info: Mapping[str, Any] = await self._link.commands.info()
            self._found = (
                *memory_warnings(info),
                *replica_warnings(info, self._replicas, fails_over=self._link.fails_over),
            )
        warnings = self.warnings
        for text in warnings:
            if text not in self._told:
                log.warning("%s", text)
        self._told = warnings


def memory_warnings(info: Mapping[str, Any]) -> Iterator[str]:
    """What INFO tells about memory that fills up and files that cannot be written."""
    limit, whole = int(info.get("maxmemory", 0)), int(info.get("total_system_memory", 0))
    if limit and int(info["used_memory"]) > _MEMORY_SHARE * limit:
        yield (
            "Redis uses more than 80 % of its maxmemory; filings are refused once it is full: "
            "raise it."
        )
    elif not limit and whole and int(info["used_memory"]) > _MEMORY_SHARE * whole:
        yield (
            "Redis uses more than 80 % of its machine's memory; it is killed once that is full: "
            "give it more."
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        yield (
            "Redis cannot write its append-only file; filings are refused until there is room on "
            "its disk."
        )
    if info.get("aof_last_bgrewrite_status", "ok") != "ok":
        yield (
            "Redis could not rewrite its append-only file, which grows until it can: see its log "
            "and the room on its disk."
        )


def replica_warnings(info: Mapping[str, Any], replicas: int, *, fails_over: bool) -> Iterator[str]:
    """What INFO of a primary tells about replicas that may be promoted."""
    if fails_over and not replicas:
        yield (
            "A failover of Redis can lose filings that were acknowledged: set "
            "LETHE_REDIS_REPLICAS=1."
        )
    if not replicas:
        return
    good = sum(
        isinstance(told, Mapping) and told.get("state") == "online"
        for name, told in info.items()
        if name.startswith("slave")
    )
    if good < replicas:
        yield (
            f"Redis has {good} of the {replicas} replicas that LETHE_REDIS_REPLICAS asks for: "
            "filings are not acknowledged."
        )
    elif good == replicas:
        yield (
            f"Redis has {replicas} replicas and LETHE_REDIS_REPLICAS asks for all of them: filings "
            "wait while one of them is away. Run one more."
        )
    if "min_slaves_good_slaves" not in info:
        yield (
            "Redis takes changes while no replica follows it; set min-replicas-to-write "
            f"{replicas}, so that a primary that was cut off takes none."
        )
