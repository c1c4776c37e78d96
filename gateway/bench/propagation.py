"""`lethe bench propagation`: from sending a filing to a refused ask, and to all replicas."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from gateway.bench.prompts import chat_bodies, filing, subject
from gateway.bench.report import spread
from gateway.bench.servers import HEADERS, MODEL, file_many, server, url
from gateway.errors import LetheError
from gateway.processes import gateway_child

STUB_ANSWER = b"stub answer"
"""What the stub's replies contain, and a refusal does not."""


class NotForgotten(LetheError):
    """A filing was acknowledged and the next ask still reached the model."""


def bench_propagation(
    *,
    count: int,
    gateways: int,
    growth: int,
    progress: Callable[[str], None],
    filings_per_s: float = 0.0,
    chats_per_s: float = 0.0,
) -> list[dict[str, Any]]:
    """Cases `filing_to_refused`, `filing_to_all_gateways` and `growth`.

    `growth` requests are filed first, and the cost of the last ones is compared with that of
    the first ones; then `count` filings are timed for each of the other cases. Those to all
    gateways come at most so many a second, 0 for one right after the other, while so many chats
    a second are served, all gateways together.
    """
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder, ExitStack() as stack:
        data = Path(folder)
        stub = url(stack.enter_context(server("gateway.bench.stub", data)))
        first, base = gateway_child(data / "lethe", stub)
        stack.enter_context(first)
        progress("growing")
        grown = asyncio.run(_growth(base, growth))
        progress("one gateway")
        alone = asyncio.run(_to_refused(base, range(10_000, 10_000 + count)))
        cases = [{"name": "filing_to_refused", "n": count, **spread(alone)}, grown]
        progress(f"{gateways} gateways")
        bases = [base]
        for _ in range(gateways - 1):  # on the same data folder, so on the same registry
            child, another = gateway_child(data / "lethe", stub)
            stack.enter_context(child)
            bases.append(another)
        numbers = range(20_000, 20_000 + count)
        waited = asyncio.run(_while_serving(bases, numbers, filings_per_s, chats_per_s))
        cases.append({"name": "filing_to_all_gateways", "gateways": gateways, "n": count, **waited})
        return cases


async def _while_serving(
    bases: Sequence[str], numbers: range, filings_per_s: float, chats_per_s: float
) -> dict[str, float]:
    """How long filings take to all gateways, and how many chats were served meanwhile."""
    served: Counter[str] = Counter()
    chats = asyncio.create_task(_chat(bases, chats_per_s, served)) if chats_per_s else None
    try:
        waited = await _to_all(bases[0], numbers, len(bases), filings_per_s)
    finally:
        if chats is not None:
            chats.cancel()
            await asyncio.gather(chats, return_exceptions=True)
    return {**spread(waited), "chats_served": served.total()}


async def _chat(bases: Sequence[str], per_s: float, served: Counter[str]) -> None:
    """Chats that touch no filing, in turn to each gateway, until cancelled."""
    async with _session() as session, asyncio.TaskGroup() as group:

        async def one(base: str, body: bytes) -> None:
            async with session.post(f"{base}/v1/chat/completions", data=body) as answer:
                answer.raise_for_status()
                await answer.read()
            served[base] += 1

        for base, body in zip(cycle(bases), chat_bodies(10**9, MODEL, stream=False, seed=1)):
            group.create_task(one(base, body))
            await asyncio.sleep(1 / per_s)


async def _to_refused(base: str, numbers: range) -> list[float]:
    """Seconds from sending each filing to the refused answer of an ask sent right after it."""
    durations = []
    async with _session() as session:
        for number in numbers:
            began = time.perf_counter()
            await _file(session, base, number)
            answer = await _ask(session, base, number)
            durations.append(time.perf_counter() - began)
            if STUB_ANSWER in answer:
                raise NotForgotten(f"Filing {number} was answered and not enforced.")
    return durations


async def _to_all(base: str, numbers: range, gateways: int, per_s: float) -> list[float]:
    """Seconds until each filing with `?wait` was acknowledged by all gateways."""
    durations = []
    async with _session() as session:
        for number in numbers:
            began = time.perf_counter()
            answer = orjson.loads(await _file(session, base, number, wait=10))
            durations.append(time.perf_counter() - began)
            if answer["enforcement"]["gateways"]["acknowledged"] < gateways:
                raise NotForgotten(f"Filing {number} was not acknowledged by all gateways.")
            if per_s:
                await asyncio.sleep(max(0.0, 1 / per_s - durations[-1]))
    return durations


async def _growth(base: str, growth: int) -> dict[str, Any]:
    """What the 10th filing and its followers cost, and those after `growth`; their ratio."""
    sample = 50
    await file_many(base, range(10))
    early = await _to_refused(base, range(10, 10 + sample))
    await file_many(base, range(10 + sample, growth))
    late = await _to_refused(base, range(growth, growth + sample))
    return {
        "name": "growth",
        "filed": growth,
        "early_p50_ms": spread(early)["p50_ms"],
        "late_p50_ms": spread(late)["p50_ms"],
        "ratio": round(statistics.median(late) / statistics.median(early), 3),
    }


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(headers=HEADERS)


async def _file(session: aiohttp.ClientSession, base: str, number: int, wait: int = 0) -> bytes:
    query = {"wait": str(wait)} if wait else {}
    body = orjson.dumps(filing(number))
    async with session.post(f"{base}/admin/forget-requests", data=body, params=query) as answer:
        answer.raise_for_status()
        return await answer.read()


async def _ask(session: aiohttp.ClientSession, base: str, number: int) -> bytes:
    question = f"Where was {subject(number)} born?"
    body = orjson.dumps({"model": MODEL, "messages": [{"role": "user", "content": question}]})
    async with session.post(f"{base}/v1/chat/completions", data=body) as answer:
        answer.raise_for_status()
        return await answer.read()
