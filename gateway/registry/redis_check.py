"""Is this Redis fit to keep forget requests: new enough, persistent, never evicting?"""

from __future__ import annotations

import logging
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from gateway.errors import SettingsError
from gateway.registry.redis_link import RIGHTS, is_refused_command, reason

log = logging.getLogger(__name__)

OLDEST = (6, 2)
_CONFIG = ("maxmemory-policy", "appendonly", "appendfsync", "save")
_WAY_OUT = ", or set LETHE_ALLOW_VOLATILE_REDIS=1 and accept that filings can be lost."


async def check_redis(redis: Redis, *, allow_volatile: bool) -> bool:
    """Returns whether Redis may lose what it was given; True only with `allow_volatile`.

    Raises `SettingsError` with the way out. Every eviction policy but `noeviction` is refused,
    also while no `maxmemory` is set: both can be changed while Redis runs, and nobody would look
    here again.
    """
    try:
        info = await redis.info()
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
            f"The Redis user of LETHE_REDIS_URL may not run INFO or CLIENT SETNAME; grant {RIGHTS}."
        ) from error
    _check_version(str(info["redis_version"]))
    trouble = _trouble(info, config)
    if trouble is None:
        if config.get("appendfsync", "always") != "always" or not int(info["aof_enabled"]):
            log.warning(
                "This Redis does not write every change to disk before it answers; a crash of "
                "its machine can lose the last filings. Set appendonly yes and appendfsync always."
            )
        return False
    if not allow_volatile:
        raise SettingsError(trouble + _WAY_OUT)
    log.warning(
        "FORGET REQUESTS CAN BE LOST: %s. LETHE_ALLOW_VOLATILE_REDIS accepts that.", trouble
    )
    return True


def _trouble(info: dict[str, Any], config: dict[str, str]) -> str | None:
    policy = config.get("maxmemory-policy", info.get("maxmemory_policy"))
    if policy != "noeviction":
        return (
            f"This Redis evicts data when memory is short (maxmemory-policy {policy}): set it to "
            "noeviction"
        )
    if int(info["aof_enabled"]) or config.get("save"):
        return None
    if "save" in config:
        return "This Redis does not persist anything: set appendonly yes and appendfsync always"
    return (
        "This Redis has no append-only file, and its user may not read whether it saves: set "
        "appendonly yes, or grant the user +config|get"
    )


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
