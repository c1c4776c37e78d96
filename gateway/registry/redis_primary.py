"""The node that may be written to, where a failover can move it: asked for again upon any doubt."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from redis.asyncio.connection import Connection, SSLConnection
from redis.exceptions import ConnectionError as RedisConnectionError

Address = tuple[str, int]


class NoPrimary(RedisConnectionError):
    """Nobody who was asked knows a node that may be written to; says so of Redis."""


class Finder(Protocol):
    """Who knows where the primary is."""

    async def find(self) -> Address:
        """Host and port of the primary at this moment; raises `NoPrimary`."""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class Primary:
    """Where the primary was last found; nobody is asked again until somebody doubts it."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._doubts = 0
        self._found: asyncio.Task[Address] | None = None

    @property
    def doubts(self) -> int:
        """How often the address has been doubted; a connection that knows of fewer is stale."""
        return self._doubts

    def doubt(self) -> None:
        """The node may not be the primary any more: every connection asks before its next use."""
        self._doubts += 1
        self._found = None

    async def address(self) -> Address:
        """Host and port of the primary; raises `NoPrimary`."""
        if self._found is None:
            self._found = asyncio.create_task(self._finder.find(), name="lethe-primary")
            self._found.add_done_callback(_heard)
        # One answer for all who wait for it, whoever of them gives up.
        return await asyncio.shield(self._found)

    async def close(self) -> None:
        """Ask nobody any more."""
        if self._found is not None:
            self._found.cancel()
        await self._finder.close()


def _heard(asked: asyncio.Task[Address]) -> None:
    """Of an error that nobody waited for, asyncio would complain."""
    if not asked.cancelled():
        asked.exception()


class PrimaryConnection(Connection):
    """A connection to wherever the primary is when it is taken from its pool."""

    def __init__(self, *, primary: Primary, **options: Any) -> None:
        super().__init__(**options)
        self._primary = primary
        self._doubts = primary.doubts

    async def connect(self) -> None:
        """Connect to the primary, unless that has been done and nobody has doubted it since."""
        if self.is_connected and self._doubts != self._primary.doubts:
            await self.disconnect(nowait=True)
        if not self.is_connected:
            self._doubts = self._primary.doubts
            self.host, self.port = await self._primary.address()
        await super().connect()  # type: ignore[no-untyped-call]


class SSLPrimaryConnection(PrimaryConnection, SSLConnection):
    """The same over TLS."""
