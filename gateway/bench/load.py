"""A load generator that costs little itself: keep-alive HTTP/1.1 over plain sockets.

A full client library would take as much of a core as the gateway that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

from gateway.errors import LetheError

_END_OF_CHUNKS = b"0\r\n\r\n"
_TIMEOUT_S = 30.0
_RETRY_S = 1.0

Bodies = Callable[[], Iterator[bytes]]
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LoadFailed(LetheError):
    """A server under load answered something else than 200."""


class _ComeBack(Exception):
    """It answered that the request should be sent again."""


@dataclass(slots=True)
class Load:
    """What a load run measured; durations in seconds.

    `gaps_s` lie between reads of a stream; `rejected` requests had to be sent again.
    """

    wall_s: float = 0.0
    rejected: int = 0
    total_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return round(len(self.total_s) / self.wall_s, 1)


class _Target:
    """Where a load goes: connections to it, and one request after the other on them."""

    def __init__(self, url: str, path: str, key: str, timeout_s: float) -> None:
        target = urlsplit(url)
        self._place = str(target.hostname), int(target.port or 80)
        self._timeout_s = timeout_s
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {target.hostname}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self.load = Load()

    async def connect(self) -> Connection:
        return await asyncio.open_connection(*self._place)

    async def ask(self, connection: Connection, body: bytes, since: float) -> None:
        reader, writer = connection
        try:
            writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
            reads = await asyncio.wait_for(_answer(reader), self._timeout_s)
        except _ComeBack:  # as a client does; what it waits for counts
            self.load.rejected += 1
            await asyncio.sleep(_RETRY_S)
            await self.ask(connection, body, since)
        else:
            self.load.total_s.append(time.perf_counter() - since)
            self.load.first_s.append(reads[0] - since)
            self.load.gaps_s += [late - early for early, late in pairwise(reads)]


async def run_load(
    url: str,
    bodies: Bodies,
    *,
    connections: int,
    path: str = "/v1/chat/completions",
    key: str = "bench",
    timeout_s: float = _TIMEOUT_S,
) -> Load:
    """Send every body once over some keep-alive connections, as fast as the answers come.

    Raises `LoadFailed`, and `TimeoutError` for an answer that takes longer than `timeout_s`.
    """
    target, queue = _Target(url, path, key, timeout_s), bodies()

    async def client() -> None:
        connection = await target.connect()
        try:
            for body in queue:
                await target.ask(connection, body, time.perf_counter())
        finally:
            connection[1].close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    target.load.wall_s = time.perf_counter() - began
    return target.load


async def run_at(
    url: str,
    bodies: Bodies,
    *,
    per_s: float,
    path: str = "/v1/chat/completions",
    key: str = "bench",
    timeout_s: float = _TIMEOUT_S,
) -> Load:
    """Send so many bodies a second, whether or not the others were answered.

    Durations count from when a request was due: one that had to wait for the load generator, or
    for a slow answer before it, is not measured as if it had come later. Raises as `run_load`.
    """
    target = _Target(url, path, key, timeout_s)
    idle: list[Connection] = []

    async def one(body: bytes, due: float) -> None:
        connection = _open(idle) or await target.connect()
        await target.ask(connection, body, due)
        idle.append(connection)

    began = time.perf_counter()
    try:
        async with asyncio.TaskGroup() as group:
            for number, body in enumerate(bodies()):
                due = began + number / per_s
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(one(body, due))
    finally:
        for _, writer in idle:
            writer.close()
    target.load.wall_s = time.perf_counter() - began
    return target.load


def _open(idle: list[Connection]) -> Connection | None:
    """A connection that the server has not closed, as it does with those that were long idle."""
    while idle:
        connection = idle.pop()
        if not connection[0].at_eof():
            return connection
        connection[1].close()
    return None


async def _answer(reader: asyncio.StreamReader) -> list[float]:
    """Read one answer; returns when each part of its body was there."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = head.partition(b"\r\n")[0]
    if b" 200 " not in status and b" 429 " not in status:
        raise LoadFailed(f"Under load the server answered {head[:80]!r}.")
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        if b" 429 " in status:
            raise _ComeBack
        return [time.perf_counter()]
    tail = await reader.read(65536)
    reads = [time.perf_counter()]
    while not tail.endswith(_END_OF_CHUNKS):
        more = await reader.read(65536)
        if not more:
            raise LoadFailed("Under load the server closed a stream early.")
        reads.append(time.perf_counter())
        tail = (tail + more)[-16:]
    return reads
