"""`lethe bench timing`: whether refusals can be told from answers by how long they take.

A client asks a gateway before a stub whose answers are as short as refusals, in turns, prompts
that are answered and prompts that are refused. For each thing that it can time: the area under
the ROC curve of the best guess by it, 0.5 for a coin and 1 for a sure sign.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import aiohttp
import numpy as np

from gateway.bench.prompts import subject
from gateway.bench.servers import HEADERS, MODEL, file_many, server, url
from gateway.processes import gateway_child

_ABOUT = ("Tell me about {}.", "What do you know about {}?", "Describe {}.", "Introduce {} to me.")
_SUBJECTS = 40
_AT_ONCE = 2


def bench_timing(*, count: int, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """Cases `off` and `on`, by the setting: `count` prompts of each kind, streamed and whole."""
    cases = []
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder, ExitStack() as stack:
        data = Path(folder)
        stub = stack.enter_context(server("gateway.bench.varied", data))
        for setting in ("off", "on"):
            child, lethe = gateway_child(data / setting, url(stub), refusal_timing=setting)
            with child:
                asyncio.run(file_many(lethe, range(_SUBJECTS)))
                progress(f"LETHE_REFUSAL_TIMING={setting}")
                cases.append({"name": setting, **asyncio.run(_case(lethe, count))})
    return cases


async def _case(base: str, count: int) -> dict[str, float]:
    found: dict[str, float] = {}
    async with aiohttp.ClientSession(base, headers=HEADERS) as http:
        for kind in ("stream", "whole"):
            others = list(range(_SUBJECTS, _SUBJECTS + 2 * count))
            await _timed(http, kind, others[count:])  # so that there is something to be like
            asked = others[:count] + [number % _SUBJECTS for number in range(count)]
            random.shuffle(asked)
            answers = await _timed(http, kind, asked)
            for name in answers[0][1]:
                told = [times[name] for number, times in answers if number < _SUBJECTS]
                plain = [times[name] for number, times in answers if number >= _SUBJECTS]
                found[f"{kind}_{name}_auc_ratio"] = auc(plain, told)
    return found


async def _timed(
    http: aiohttp.ClientSession, kind: str, numbers: Sequence[int]
) -> list[tuple[int, dict[str, float]]]:
    """What was seen of a question about each of some numbers, those below 40 of filed subjects."""
    found, waiting = [], iter(numbers)

    async def client() -> None:
        for number in waiting:
            whom = subject(number) if number < _SUBJECTS else f"the lantern of hall {number}"
            content = random.choice(_ABOUT).format(whom)
            body = {
                "model": MODEL,
                "messages": [{"role": "user", "content": content}],
                "stream": kind == "stream",
                "seed": random.randrange(2**31),  # else a prompt is refused alike each time
            }
            found.append((number, await _times(http, body)))

    await asyncio.gather(*(client() for _ in range(_AT_ONCE)))
    return found


async def _times(http: aiohttp.ClientSession, body: dict[str, Any]) -> dict[str, float]:
    """Seconds of one answer; of a stream also what is between its blocks."""
    began = time.perf_counter()
    async with http.post("/v1/chat/completions", json=body) as answer:
        answer.raise_for_status()
        head = time.perf_counter() - began
        seen = [time.perf_counter() async for _ in answer.content.iter_any()]
    total = time.perf_counter() - began
    if not body["stream"]:
        return {"total": total}
    gaps = [later - earlier for earlier, later in pairwise(seen)] or [0.0]
    return {
        "head": head,
        "first": seen[0] - began,
        "gap": fmean(gaps),
        "longest_gap": max(gaps),
        "total": total,
        "blocks": float(len(seen)),
    }


def auc(answered: Sequence[float], refused: Sequence[float]) -> float:
    """How well one number tells two kinds apart, whichever of them has more: 0.5 to 1."""
    one, other = np.asarray(answered)[:, None], np.asarray(refused)[None]
    area = float(((one > other) + 0.5 * (one == other)).mean())
    return round(max(area, 1 - area), 3)
