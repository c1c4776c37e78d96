"""Connections to Redis: bounded in number and in time, never retried, errors mapped in one place.

A retry could file twice, and an unbounded wait hangs the caller while everything looks healthy.
Only what a node of a cluster has not begun, because it does not serve the slot, is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    ClusterDownError,
    NoScriptError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import TimeoutError as RedisTimeout

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry.redis_confirm import Confirmation, Unconfirmed
from gateway.registry.redis_primary import Primary, PrimaryConnection, SSLPrimaryConnection
from gateway.registry.redis_scripts import SCRIPTS, source
from gateway.registry.redis_topology import Topology, topology
from gateway.registry.redis_trouble import moves, reason, told, unavailable
from gateway.registry.room import Room

T = TypeVar("T")

_COMMAND_CONNECTIONS = 16
_BLOCKING_CONNECTIONS = 4
_PAUSE_S = 0.05
_ELSEWHERE = (AskError, TryAgainError, ClusterDownError)
"""What a node of a cluster answers that has not begun what it was asked; MOVED is an ASK too."""
_PERHAPS = (
    ", and may yet do what it was told: look before you file again, or file with the same "
    "subject_request_id, which counts once"
)
_FULL = "does not run: the disk of LETHE_DATA_DIR is full; make room there"


class RedisLink:
    """Two clients, one for commands and one for blocking reads, and the Lua scripts.

    `url` is `redis://`, `rediss://` or `unix://`, or one of a Redis behind Sentinel or in a Cluster
    (redis_topology.py), with user and password where Redis asks for them. Raises `SettingsError`
    when it is none of these. `room` is that of its disk. What fewer than `replicas` replicas have
    is not acknowledged.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        client_name: str,
        room: Room,
        replicas: int = 0,
        fsync: bool = False,
    ) -> None:
        self.timeout_s = timeout_s
        self._room = room
        self._confirmation = Confirmation(replicas, fsync, timeout_s)
        clients = (
            (_COMMAND_CONNECTIONS, client_name),
            (_BLOCKING_CONNECTIONS, f"{client_name}:tail"),
        )
        try:
            found = topology(url, timeout_s)
            self._primary = Primary(found.finder) if found else None
            kind = _followed(found, self._primary) if found and self._primary else {}
            self.commands, self.blocking = (
                Redis.from_pool(
                    BlockingConnectionPool.from_url(
                        "redis://" if found else url,
                        max_connections=connections,
                        timeout=timeout_s,
                        # `reach` bounds every call. With a time-out of the socket too, redis-py
                        # sends by `asyncio.wait_for`, which Python 3.11 lets swallow a
                        # cancellation: a task that was told to stop would go on for ever.
                        socket_timeout=None,
                        socket_connect_timeout=timeout_s,
                        retry=Retry(NoBackoff(), 0),
                        client_name=name,
                        protocol=2,
                        **kind,
                    )
                )
                for connections, name in clients
            )
        except ValueError:
            # Without the cause: its text may quote a part of the password.
            raise SettingsError(
                "LETHE_REDIS_URL is no Redis address; write redis://host:6379/0, "
                "rediss://user:password@host:6379/0, unix:///path/to/redis.sock, "
                "redis+sentinel://host:26379,host:26379/service or "
                "redis+cluster://host:6379,host:6379."
            ) from None
        self._scripts = {name: self.commands.register_script(source(name)) for name in SCRIPTS}

    @property
    def fails_over(self) -> bool:
        """Whether another node can become the one that is written to."""
        return self._primary is not None

    async def close(self) -> None:
        """Close all connections."""
        await self.commands.aclose()
        await self.blocking.aclose()
        if self._primary is not None:
            await self._primary.close()

    @asynccontextmanager
    async def reach(self, extra_s: float = 0.0, *, changes: bool = False) -> AsyncIterator[None]:
        """Bound what is awaited inside, and turn whatever Redis raises into one error.

        What `changes` something may be carried out after the time is over, and the error says so.
        Raises `RegistryUnavailable`; its message holds no address, password, key or value.
        """
        seconds = self.timeout_s + extra_s
        try:
            async with asyncio.timeout(seconds):
                yield
        except Unconfirmed:
            self._doubt()
            raise
        except (TimeoutError, RedisTimeout) as error:
            self._doubt()
            late = f"did not answer within {seconds:g} s"
            raise unavailable(f"{late}{_PERHAPS}" if changes else late) from error
        except (RedisError, OSError) as error:
            what = reason(error)
            if moves(what):
                self._doubt()
            full = self._room.full and not isinstance(what, ResponseError)
            raise unavailable(_FULL if full else told(what)) from error

    async def read(self, *commands: Sequence[Any], atomic: bool = True) -> Sequence[Any]:
        """The answers of several reading commands; `atomic` means at one instant."""

        async def answers(transaction: bool = atomic) -> Sequence[Any]:
            async with self.commands.pipeline(transaction=transaction) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                return cast("Sequence[Any]", await pipe.execute())

        async with self.reach():
            try:
                return await self._asked(answers)
            except OutOfMemoryError:
                # Redis 6.2 refuses a MULTI when its memory is full, even one that only reads.
                return await self._asked(lambda: answers(transaction=False))

    async def read_by(self, script: str, keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
        """The answer of a script that only reads; what it tells of may yet have to be confirmed."""
        text = self._scripts[script].script
        (answer,) = await self.read(("EVAL", text, len(keys), *keys, *args), atomic=False)
        return cast("list[Any]", answer)

    async def wait(self, stream: str, after: str, count: int, block_s: float) -> Sequence[Any]:
        """The entries of a stream after an id; waits up to `block_s` for the first.

        They are confirmed: what a failover may still lose is not told to anybody.
        """
        block = max(1, round(block_s * 1000))  # 0 would mean for ever
        async with self.reach(extra_s=block / 1000):
            read: Any = await self._asked(
                lambda: self.blocking.xread({stream: after}, count=count, block=block)
            )
        if not read:
            return ()
        await self.confirm()
        return cast("Sequence[Any]", read[0][1])

    async def run(self, script: str, keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
        """Run one script: everything in it happens, or nothing.

        Raises `Unconfirmed` where it did, but too few replicas have it.
        """
        (answer,) = await self.run_all([(script, keys, args)])
        if isinstance(answer, RegistryUnavailable):
            raise answer
        return cast("list[Any]", answer)

    async def run_all(
        self, calls: Sequence[tuple[str, Sequence[str], Sequence[Any]]], *, changes: bool = False
    ) -> Sequence[Sequence[Any] | RegistryUnavailable]:
        """Run scripts one after the other on one way to Redis: of each its answer, or its error.

        Where Redis has forgotten a script it is loaded, and run after the others. `changes` says
        that somebody waits to hear of a change.
        """
        commands = [
            ("EVALSHA", self._scripts[script].sha, len(keys), *keys, *args)
            for script, keys, args in calls
        ]
        async with self.reach(changes=changes):
            answers = await self._asked(lambda: self._confirmed(*commands))
            forgotten = [i for i, a in enumerate(answers) if isinstance(a, NoScriptError)]
            if forgotten:
                texts = [
                    ("EVAL", self._scripts[calls[i][0]].script, *commands[i][2:]) for i in forgotten
                ]
                later = await self._asked(lambda: self._confirmed(*texts))
                for i, answer in zip(forgotten, later, strict=True):
                    answers[i] = answer
        if any(isinstance(answer, RedisError) and moves(answer) for answer in answers):
            self._doubt()
        return [unavailable(told(a)) if isinstance(a, RedisError) else a for a in answers]

    async def confirm(self) -> None:
        """Raise `Unconfirmed` unless enough replicas have everything that was written so far."""
        async with self.reach():
            await self._asked(self._confirmed)

    async def _confirmed(self, *commands: Sequence[Any]) -> list[Any]:
        """Of each command its answer or its error, after the confirmation of what they changed.

        Raises `Unconfirmed`, and what says that none of them was begun.
        """
        async with self.commands.pipeline(transaction=False) as pipe:
            for command in commands:
                pipe.execute_command(*command)
            asked = self._confirmation.ask(pipe)
            answers = await pipe.execute(raise_on_error=False)
        done, confirmed = answers[: len(commands)], answers[len(answers) - asked :]
        if done and all(isinstance(answer, _ELSEWHERE) for answer in done):
            raise done[0]
        if not done or not all(isinstance(answer, ResponseError) for answer in done):
            try:
                self._confirmation.check(confirmed)
            except Unconfirmed as error:
                error.answers = done
                raise
        return done

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        """An answer; asks again, while there is time, whoever serves the slot by then."""
        end = asyncio.get_running_loop().time() + self.timeout_s - 2 * _PAUSE_S
        while True:
            try:
                return await ask()
            except _ELSEWHERE:
                if asyncio.get_running_loop().time() > end:
                    raise
            self._doubt()
            await asyncio.sleep(_PAUSE_S)

    def _doubt(self) -> None:
        if self._primary is not None:
            self._primary.doubt()


def _followed(found: Topology, primary: Primary) -> dict[str, Any]:
    """Options of connections that go to wherever the primary is."""
    kind = SSLPrimaryConnection if found.tls else PrimaryConnection
    return {**found.options, "connection_class": kind, "primary": primary}
