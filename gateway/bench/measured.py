"""One server of `lethe bench gateway`: what it is sent, and what came of it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import aiohttp

from gateway.bench.load import Load, run_at, run_load
from gateway.bench.prompts import chat_bodies
from gateway.bench.report import percentile, spread
from gateway.bench.servers import MODEL, cpu_s, resident_mib
from gateway.processes import Child

PROMPTS = {"short": 0, "long": 1_500}
"""Words of prose behind a question of about 16 tokens; long is about 2,000 tokens."""

PER_S = 50
"""Chats a second of the open loop."""

_LONG_SHARE = 20
"""A long prompt takes so much longer that so many fewer are sent."""

_MOST_LONG = 8

_TOKEN_S = 0.005
_PACED = 8


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of load."""

    prompt: str
    connections: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured: layers and numbers of filings of gateways, the last of each is `lethe`.

    In each of `rounds`, `count` chats and as many streams go over so many `connections`.
    """

    layers: Sequence[str]
    filed: Sequence[int]
    prompts: Sequence[str]
    connections: Sequence[int]
    rounds: int
    count: int
    seconds: float

    @property
    def main(self) -> tuple[str, int]:
        """Layers and filings of the case `lethe`."""
        return self.layers[-1], self.filed[-1]

    @property
    def cells(self) -> list[Cell]:
        """Every load; of long prompts only so many at once that few are told to come back."""
        both = [Cell(words, many) for words in self.prompts for many in self.connections]
        return [cell for cell in both if not PROMPTS[cell.prompt] or cell.connections <= _MOST_LONG]


@dataclass
class Measured:
    """A server, and what was measured of it."""

    name: str
    child: Child
    url: str
    layers: str = ""
    filed: int = 0
    per_s: dict[tuple[Cell, bool], list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[tuple[Cell, bool], list[float]] = field(default_factory=lambda: defaultdict(list))
    rejected: dict[Cell, int] = field(default_factory=lambda: defaultdict(int))
    alone_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    at_rate_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)

    async def rates(self, cell: Cell, count: int, turn: int) -> None:
        """Chats, then streams, as fast as they are answered."""
        count = max(cell.connections, count // (_LONG_SHARE if PROMPTS[cell.prompt] else 1))
        for stream in (False, True):
            began = cpu_s(self.child)
            seed = turn * 1_000 + cell.connections * 2 + stream
            load = await self._load(cell.prompt, count, cell.connections, stream, seed)
            self.rejected[cell] += load.rejected
            if turn:
                self.per_s[cell, stream].append(load.per_s)
                self.cpu[cell, stream].append((cpu_s(self.child) - began) / count)

    async def latencies(self, turn: int) -> None:
        """Chats and streams one after the other."""
        alone = await self._load("short", 100, 1, False, 10_000 + turn)
        streamed = await self._load("short", 50, 1, True, 20_000 + turn)
        if turn:
            self.alone_s += alone.total_s
            self.first_s += streamed.first_s

    async def open_loop(self, seconds: float) -> None:
        """Chats at a fixed rate, whether or not the others were answered."""
        bodies = functools.partial(
            chat_bodies, int(seconds * PER_S), MODEL, stream=False, seed=30_000
        )
        self.at_rate_s = (await run_at(self.url, bodies, per_s=PER_S)).total_s

    async def paced(self, stub: str) -> None:
        """Streams of a model that takes its time for each token."""
        async with aiohttp.ClientSession(stub) as control:
            await _put(control, mode="slow", delay_s=_TOKEN_S)
            try:
                load = await self._load("short", 4 * _PACED, _PACED, True, 40_000)
            finally:
                await _put(control, mode="ok")
        self.gaps_s = load.gaps_s

    async def _load(
        self, prompt: str, count: int, connections: int, stream: bool, seed: int
    ) -> Load:
        bodies = functools.partial(
            chat_bodies, count, MODEL, stream=stream, seed=seed, words=PROMPTS[prompt]
        )
        return await run_load(self.url, bodies, connections=connections)


async def _put(control: aiohttp.ClientSession, **values: Any) -> None:
    async with control.post("/control", json=values) as answer:
        answer.raise_for_status()


def cases(setup: Setup, servers: Sequence[Measured]) -> list[dict[str, Any]]:
    """A case for each server under each load; the first load of each also tells the latencies.

    `stub`, `bare` and `lethe` come first. What is added is compared with the stub.
    """
    first, *rest = setup.cells
    ordered = sorted(servers, key=lambda one: one.name not in {"stub", "bare", "lethe"})
    found = [_case(one, first, servers) | _latencies(one, servers[0]) for one in ordered]
    return found + [
        _case(one, cell, servers) | {"name": f"{one.name} {cell.prompt} {cell.connections}"}
        for cell in rest
        for one in servers
    ]


def _case(one: Measured, cell: Cell, servers: Sequence[Measured]) -> dict[str, Any]:
    bare = next(server for server in servers if server.name == "bare")
    case: dict[str, Any] = {
        "name": one.name,
        "layers": one.layers,
        "filed": one.filed,
        "prompt": cell.prompt,
        "connections": cell.connections,
        "rejected": one.rejected[cell],
    }
    for mode, stream in (("chats", False), ("streams", True)):
        rate = round(median(one.per_s[cell, stream]), 1)
        case[f"{mode}_per_s"] = rate
        case[f"{mode}_to_bare_ratio"] = round(rate / median(bare.per_s[cell, stream]), 3)
        case[f"cpu_per_{mode[:-1]}_ms"] = round(median(one.cpu[cell, stream]) * 1e3, 3)
    return case


def _latencies(one: Measured, stub: Measured) -> dict[str, Any]:
    alone, base = spread(one.alone_s), spread(stub.alone_s)
    rate, base_rate = spread(one.at_rate_s), spread(stub.at_rate_s)
    return {
        **alone,
        **{f"added_{key}": round(alone[key] - base[key], 3) for key in alone},
        "first_byte_p50_ms": percentile(one.first_s, 50),
        **{f"added_at_{PER_S}_{key}": round(rate[key] - base_rate[key], 3) for key in rate},
        **{f"gap_{key}": value for key, value in spread(one.gaps_s).items()},
        "resident_mib": resident_mib(one.child),
    }
