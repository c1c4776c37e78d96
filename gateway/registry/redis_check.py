"""Is this Redis fit to keep forget requests: new enough, persistent, never evicting?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, RedisError, ResponseError

from gateway.errors import SettingsError
from gateway.registry.redis_server import OLDEST
from gateway.registry.redis_trouble import RIGHTS, is_refused_command, reason

_CONFIG = ("maxmemory-policy", "appendfsync")
_WAY_OUT = ", or set LETHE_ALLOW_VOLATILE_REDIS=1 and accept that filings can be lost."
# Redis quotes the command that it refused: 'client|setname' or, 6.2, 'client'; `INFO` if unknown.
_REFUSED = re.compile(r"['`](\w+)(?:\|\w+)?['`]")
_COMMANDS = {"client": "CLIENT SETNAME", "info": "INFO"}


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether Redis may lose what it was given, and what an operator should know about it."""

    volatile: bool
    warnings: tuple[str, ...]


async def check_redis(redis: Redis, *, allow_volatile: bool) -> Fitness:
    """How fit Redis is; `volatile` only with `allow_volatile`.

    Raises `SettingsError` with the way out. Every eviction policy but `noeviction` is refused,
    also while no `maxmemory` is set: both can be changed while Redis runs, and nobody would look
    here again. Dumps alone are refused: what was filed after the last one is gone with a crash.
    """
    try:
        info = await redis.info()
        if int(info.get("loading", 0)):  # until then it says that it keeps no append-only file
            raise BusyLoadingError("Redis is loading the dataset in memory")
        config = await _config(redis)
    except RedisError as error:
        what = reason(error)
        if isinstance(what, AuthenticationError):
            raise SettingsError(
                "Redis refuses the user or password in LETHE_REDIS_URL; correct them."
            ) from error
        if not is_refused_command(what):
            raise
        raise SettingsError(
            f"The Redis user of LETHE_REDIS_URL may not run {_refused(what)}; grant {RIGHTS}."
        ) from error
    _check_version(str(info["redis_version"]))
    trouble = _trouble(info, config)
    if trouble is None:
        slow = _slow(config.get("appendfsync"))
        return Fitness(volatile=False, warnings=() if slow is None else (slow,))
    if not allow_volatile:
        raise SettingsError(trouble + _WAY_OUT)
    lost = f"FORGET REQUESTS CAN BE LOST: {trouble}. LETHE_ALLOW_VOLATILE_REDIS accepts that."
    return Fitness(volatile=True, warnings=(lost,))


def _trouble(info: dict[str, Any], config: dict[str, str]) -> str | None:
    policy = config.get("maxmemory-policy", info.get("maxmemory_policy"))
    if policy != "noeviction":
        return (
            f"This Redis evicts data when memory is short (maxmemory-policy {policy}): set it to "
            "noeviction"
        )
    if int(info["aof_enabled"]):
        return None
    return (
        "This Redis does not persist every filing, because it keeps no append-only file: set "
        "appendonly yes and appendfsync always"
    )


def _slow(appendfsync: str | None) -> str | None:
    """The remark on a Redis that answers before a change is on disk."""
    if appendfsync == "always":
        return None
    if appendfsync == "everysec":
        return (
            "Up to a second of filings can be lost if the Redis machine dies; set appendfsync "
            "always."
        )
    if appendfsync is None:
        return (
            "Filings can be lost if the Redis machine dies, unless appendfsync is always, which "
            "this Redis user may not read; set it, and grant +config|get to have it checked."
        )
    return (
        f"Many seconds of filings can be lost if the Redis machine dies (appendfsync "
        f"{appendfsync}); set appendfsync always."
    )


def _refused(error: BaseException) -> str:
    found = _REFUSED.search(str(error))
    name = found[1].lower() if found else ""
    return _COMMANDS.get(name, name.upper() or "a command that Lethe needs")


async def _config(redis: Redis) -> dict[str, str]:
    """What CONFIG GET tells; empty where it is forbidden, as managed services like to do."""
    found: dict[str, str] = {}
    for name in _CONFIG:  # one by one: 6.2 takes a single pattern
        try:
            found |= {str(k): str(v) for k, v in _text(await redis.config_get(name)).items()}
        except ResponseError as error:
            if not is_refused_command(error):
                raise
            return {}
    return found


def _text(reply: dict[Any, Any]) -> dict[str, str]:
    return {_word(key): _word(value) for key, value in reply.items()}


def _word(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _check_version(version: str) -> None:
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < OLDEST:
        raise SettingsError(
            f"This is Redis {version}; Lethe needs 6.2 or newer: upgrade it, or leave "
            "LETHE_REDIS_URL out to run the one that Lethe brings along."
        )
