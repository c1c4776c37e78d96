"""Connections to Redis: bounded in number and in time, never retried, errors mapped in one place.

A retry could file twice, and an unbounded wait hangs the caller while everything looks healthy.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeout

from gateway.errors import RegistryUnavailable, SettingsError

_COMMAND_CONNECTIONS = 16
_BLOCKING_CONNECTIONS = 4
RIGHTS = "~{lethe}:* +@all -@dangerous +info +config|get +client|setname"
"""What a user of Redis needs, as an access rule."""

SCRIPTS: dict[str, tuple[str, ...]] = {
    "create": (),
    "claim": (),
    "acknowledge": ("prelude", "settle"),
    "leave": ("prelude", "settle"),
    "file": ("prelude", "audited", "placing"),
    "amend": ("prelude", "audited", "placing"),
    "complete": ("prelude", "audited", "placing", "settle"),
    "steer": ("prelude", "audited"),
    "note": ("prelude", "audited"),
    "log": ("prelude", "audited"),
    "put_key": ("prelude", "audited"),
    "drop_key": ("prelude", "audited"),
}
"""Every script, and what stands before it."""

_NO_MEMORY = "has reached its maxmemory; raise it"
_READ_ONLY = "is a read-only replica; point LETHE_REDIS_URL at the primary"
_NO_RIGHTS = f"does not let its user run a command that Lethe needs; grant {RIGHTS}"
_BY_KIND: tuple[tuple[type[RedisError], str], ...] = (
    (BusyLoadingError, "is still loading its data"),
    (AuthenticationError, "refuses the user or password of LETHE_REDIS_URL"),
    (NoPermissionError, _NO_RIGHTS),
    (OutOfMemoryError, _NO_MEMORY),
    (ReadOnlyError, _READ_ONLY),
)
_BY_CODE = {
    "OOM": _NO_MEMORY,
    "READONLY": _READ_ONLY,
    "NOPERM": _NO_RIGHTS,
    "MISCONF": "cannot write to its disk; see its log",
    "NOREPLICAS": "has too few replicas to accept writes",
    "BUSY": "is busy with somebody's script",
}
_CODE = re.compile(r"\b(?:" + "|".join(_BY_CODE) + r")\b")


class RedisLink:
    """Two clients, one for commands and one for blocking reads, and the Lua scripts.

    `url` is `redis://`, `rediss://` or `unix://`, with user and password where Redis asks for
    them. Raises `SettingsError` when it is none of these.
    """

    def __init__(self, url: str, *, timeout_s: float, client_name: str) -> None:
        self.timeout_s = timeout_s
        self.commands = _client(url, client_name, _COMMAND_CONNECTIONS, timeout_s, timeout_s)
        self._scripts = {name: self.commands.register_script(_source(name)) for name in SCRIPTS}
        # A blocking read may last as long as its caller allows: `reach` bounds it, not the socket.
        self.blocking = _client(url, client_name + ":tail", _BLOCKING_CONNECTIONS, timeout_s, None)

    async def close(self) -> None:
        """Close all connections."""
        await self.commands.aclose()
        await self.blocking.aclose()

    @asynccontextmanager
    async def reach(self, extra_s: float = 0.0) -> AsyncIterator[None]:
        """Bound what is awaited inside, and turn whatever Redis raises into one error.

        Raises `RegistryUnavailable`; its message holds no address, password, key or value.
        """
        seconds = self.timeout_s + extra_s
        try:
            async with asyncio.timeout(seconds):
                yield
        except (TimeoutError, RedisTimeout) as error:
            raise _unavailable(f"did not answer within {seconds:g} s") from error
        except (RedisError, OSError) as error:
            raise _unavailable(_told(reason(error))) from error

    async def read(self, *commands: Sequence[Any], atomic: bool = True) -> Sequence[Any]:
        """The answers of several reading commands; `atomic` means at one instant."""
        async with self.reach():
            pipe = self.commands.pipeline(transaction=atomic)
            for command in commands:
                pipe.execute_command(*command)
            return cast("Sequence[Any]", await pipe.execute())

    async def wait(self, stream: str, after: str, count: int, block_s: float) -> Sequence[Any]:
        """The entries of a stream after an id; waits up to `block_s` for the first."""
        block = max(1, round(block_s * 1000))  # 0 would mean for ever
        async with self.reach(extra_s=block / 1000):
            read: Any = await self.blocking.xread({stream: after}, count=count, block=block)
        return cast("Sequence[Any]", read[0][1]) if read else ()

    async def run_all(
        self, calls: Sequence[tuple[str, Sequence[str], Sequence[Any]]]
    ) -> Sequence[Sequence[Any] | RegistryUnavailable]:
        """Run scripts one after the other on one way to Redis: of each its answer, or its error."""
        async with self.reach():
            pipe = self.commands.pipeline(transaction=False)
            for script, keys, args in calls:
                await self._scripts[script](keys=keys, args=args, client=pipe)
            answers = await pipe.execute(raise_on_error=False)
        return [_unavailable(_told(a)) if isinstance(a, Exception) else a for a in answers]

    async def run(self, script: str, keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
        """Run one script: everything in it happens, or nothing; loads it where Redis forgot it."""
        async with self.reach():
            return cast("list[Any]", await self._scripts[script](keys=keys, args=args))


def reason(error: BaseException) -> BaseException:
    """What really happened: redis-py wraps errors of the handshake into plain ConnectionErrors."""
    cause = error.__cause__
    return cause if isinstance(error, RedisError) and isinstance(cause, RedisError) else error


def is_refused_command(error: BaseException) -> bool:
    """Whether Redis does not let us use a command, by its access rules or by renaming it."""
    return isinstance(error, NoPermissionError) or "unknown command" in str(error).lower()


def _client(
    url: str, client_name: str, connections: int, timeout_s: float, socket_timeout: float | None
) -> Redis:
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=connections,
            timeout=timeout_s,
            socket_timeout=socket_timeout,
            socket_connect_timeout=timeout_s,
            retry=Retry(NoBackoff(), 0),
            client_name=client_name,
            protocol=2,
        )
    except ValueError:
        # Without the cause: its text may quote a part of the password.
        raise SettingsError(
            "LETHE_REDIS_URL is no Redis address; write redis://host:6379/0, "
            "rediss://user:password@host:6379/0 or unix:///path/to/redis.sock."
        ) from None
    return Redis.from_pool(pool)


def _source(name: str) -> str:
    folder = files("gateway.registry") / "scripts"
    parts = (*SCRIPTS[name], name)
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in parts)


def _unavailable(what: str) -> RegistryUnavailable:
    return RegistryUnavailable(
        f"Redis {what}; what was filed before stays enforced, try again when it is back.",
        code="registry_unavailable",
    )


def _told(error: BaseException) -> str:
    """What is wrong, in words of our own: those of Redis can quote arguments or addresses."""
    for kind, words in _BY_KIND:
        if isinstance(error, kind):
            return words
    if not isinstance(error, ResponseError):
        return "cannot be reached"
    # Redis 6.2 wraps an error inside a script into its own words, the code among them.
    found = _CODE.search(str(error))
    return _BY_CODE[found[0]] if found else "refused a command"
