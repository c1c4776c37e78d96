"""A proxy before Redis that stops forwarding: by refusing, or without a word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

Mode = Literal["open", "refuse", "black_hole"]


class Proxy:
    """Forwards connections on a port of loopback to a unix socket, as long as it is open."""

    def __init__(self, target: Path, port: int) -> None:
        self.port = port
        self._target = target
        self._forwards = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens, as a setting."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def switch(self, mode: Mode) -> None:
        """Forward; or drop and refuse all connections; or keep them and forward nothing."""
        self._forwards.clear()
        if mode == "refuse":
            await self._close()
            return
        if self._server is None:
            self._server = await asyncio.start_server(self._accepted, "127.0.0.1", self.port)
        if mode == "open":
            self._forwards.set()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward both ways until one of them ends; then drop both."""
        writers, pumps = [writer], list[asyncio.Task[None]]()
        try:
            await self._forwards.wait()
            to_reader, to_writer = await asyncio.open_unix_connection(self._target)
            writers.append(to_writer)
            ways = (self._pump(reader, to_writer), self._pump(to_reader, writer))
            pumps += [asyncio.create_task(way) for way in ways]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass  # Redis is not there: the client learns of it
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for each in writers:
                each.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._forwards.wait()
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def proxying(target: Path, port: int) -> AsyncIterator[Proxy]:
    """An open proxy."""
    proxy = Proxy(target, port)
    await proxy.switch("open")
    try:
        yield proxy
    finally:
        await proxy.switch("refuse")
