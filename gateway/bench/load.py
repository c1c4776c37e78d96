"""A load generator that costs little itself: keep-alive HTTP/1.1 over plain sockets.

A full client library would take as much of a core as the gateway that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gateway.errors import LetheError

_END_OF_CHUNKS = b"0\r\n\r\n"
_TIMEOUT_S = 30.0


class LoadFailed(LetheError):
    """A server under load answered something else than 200."""


@dataclass(slots=True)
class Load:
    """What a load run measured; durations in seconds."""

    wall_s: float = 0.0
    total_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return round(len(self.total_s) / self.wall_s, 1)


async def run_load(
    url: str,
    bodies: Callable[[], Iterator[bytes]],
    *,
    connections: int,
    path: str = "/v1/chat/completions",
    key: str = "bench",
    timeout_s: float = _TIMEOUT_S,
) -> Load:
    """Send every body once over some keep-alive connections, as fast as the answers come.

    Raises `LoadFailed`, and `TimeoutError` for an answer that takes longer than `timeout_s`.
    """
    target = urlsplit(url)
    host, port = str(target.hostname), int(target.port or 80)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: "
    ).encode()
    load, queue = Load(), bodies()

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            for body in queue:
                began = time.perf_counter()
                writer.write(b"%b%d\r\n\r\n%b" % (head, len(body), body))
                first = await asyncio.wait_for(_answer(reader), timeout_s)
                load.total_s.append(time.perf_counter() - began)
                load.first_s.append(first - began)
        finally:
            writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    load.wall_s = time.perf_counter() - began
    return load


async def _answer(reader: asyncio.StreamReader) -> float:
    """Read one answer; returns when the first byte of its body was there."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise LoadFailed(f"Under load the server answered {head[:80]!r}.")
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        return time.perf_counter()
    tail = await reader.read(65536)
    first = time.perf_counter()
    while not tail.endswith(_END_OF_CHUNKS):
        more = await reader.read(65536)
        if not more:
            raise LoadFailed("Under load the server closed a stream early.")
        tail = (tail + more)[-16:]
    return first
