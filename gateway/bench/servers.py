"""The servers that stand side by side in a benchmark, and filing before it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import orjson

from gateway.bench.prompts import filing
from gateway.processes import Child, free_port

MODEL = "stub"
HEADERS = {"Authorization": "Bearer bench", "Content-Type": "application/json"}

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def server(module: str, data: Path, *arguments: str) -> Child:
    """A benchmark server of this package in a process of its own, on a free port of loopback."""
    port = free_port()
    return Child(
        [sys.executable, "-m", module, "--port", str(port), *arguments],
        ready_url=f"http://127.0.0.1:{port}/health",
        log=data / f"{module}.log",
    )


def url(child: Child) -> str:
    """The base URL of such a server."""
    return child.ready_url.removesuffix("/health")


def cpu_s(child: Child) -> float:
    """Seconds of processor time that a running child has taken, all of its threads together."""
    assert child.process is not None  # noqa: S101  # it runs
    stat = Path(f"/proc/{child.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) * _TICK_S


def resident_mib(child: Child) -> float:
    """Memory that a running child holds, in MiB."""
    assert child.process is not None  # noqa: S101  # it runs
    pages = int(Path(f"/proc/{child.process.pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


async def file_many(base: str, numbers: range) -> None:
    """File many requests over a few connections."""
    queue = iter(numbers)

    async def filer(session: aiohttp.ClientSession) -> None:
        for number in queue:
            body = orjson.dumps(filing(number))
            async with session.post(f"{base}/admin/forget-requests", data=body) as answer:
                answer.raise_for_status()

    async with aiohttp.ClientSession(headers=HEADERS) as session:
        await asyncio.gather(*(filer(session) for _ in range(4)))
