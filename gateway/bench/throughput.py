"""`lethe bench gateway`: what Lethe costs on the way of a chat request.

Three servers stand side by side: a stub of vLLM, a bare pass-through before it, and Lethe before
it with filings enforced and its guards on. Rounds are interleaved, so that a noisy machine is
noisy for all three; every prompt is distinct, so that no cache answers.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from gateway.bench.load import Load, run_load
from gateway.bench.prompts import chat_bodies, filing
from gateway.bench.report import spread
from gateway.processes import Child, free_port, gateway_child

MODEL = "stub"
HEADERS = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
_MODES = {"chats": False, "streams": True}


def bench_gateway(
    *,
    requests: int,
    rounds: int,
    count: int,
    connections: int,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Cases `stub`, `bare` and `lethe`: rates, and latency added at one connection.

    `requests` are filed first; each of `rounds` sends `count` chats and `count` streams of 64
    chunks to each server over `connections` connections, then 100 chats over a single one.
    """
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder, ExitStack() as stack:
        data = Path(folder)
        stub = stack.enter_context(server("gateway.bench.stub", data))
        bare = stack.enter_context(server("gateway.bench.bare", data, "--upstream", url(stub)))
        child, lethe = gateway_child(data / "lethe", url(stub))
        stack.enter_context(child)
        progress(f"filing {requests} requests")
        asyncio.run(file_many(lethe, range(requests)))
        servers = {"stub": url(stub), "bare": url(bare), "lethe": lethe}
        return asyncio.run(_measure(servers, rounds, count, connections, progress))


async def _measure(
    servers: dict[str, str],
    rounds: int,
    count: int,
    connections: int,
    progress: Callable[[str], None],
) -> list[dict[str, Any]]:
    rates: dict[str, dict[str, list[float]]] = {n: {m: [] for m in _MODES} for n in servers}
    alone: dict[str, list[float]] = {name: [] for name in servers}
    firsts: dict[str, list[float]] = {name: [] for name in servers}
    for turn in range(rounds + 1):  # the first round warms up and is not counted
        progress(f"round {turn} of {rounds}")
        for name, base in servers.items():
            for mode, stream in _MODES.items():
                load = await _load(base, count, connections, stream, turn)
                if turn:
                    rates[name][mode].append(load.per_s)
            single = await _load(base, 100, 1, False, 1_000 + turn)
            streamed = await _load(base, 50, 1, True, 2_000 + turn)
            if turn:
                alone[name] += single.total_s
                firsts[name] += streamed.first_s
    base_line = spread(alone["stub"])
    cases = []
    for name in servers:
        latency = spread(alone[name])
        case: dict[str, Any] = {"name": name}
        for mode in _MODES:
            case[f"{mode}_per_s"] = sorted(rates[name][mode])[rounds // 2]
            case[f"{mode}_to_bare_ratio"] = 0.0
        case |= latency | {
            f"added_{key}": round(latency[key] - base_line[key], 3) for key in latency
        }
        case["first_byte_p50_ms"] = spread(firsts[name])["p50_ms"]
        cases.append(case)
    bare = next(case for case in cases if case["name"] == "bare")
    for case in cases:
        for mode in _MODES:
            ratio = case[f"{mode}_per_s"] / bare[f"{mode}_per_s"]
            case[f"{mode}_to_bare_ratio"] = round(ratio, 3)
    return cases


async def _load(base: str, count: int, connections: int, stream: bool, turn: int) -> Load:
    bodies = functools.partial(chat_bodies, count, MODEL, stream=stream, seed=turn)
    return await run_load(base, bodies, connections=connections)


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
