"""`lethe bench engine`: what the plug-in, steering and bans cost an engine at each step.

Two engines stand side by side, vLLM alone and vLLM with the plug-in, on one model with random
weights. Every round goes through all cases in another order and loads plain vLLM beside each,
before or after it: a noisy machine is noisy for both, and a case is compared pair by pair.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from gateway.bench.bans import mask_cases
from gateway.bench.engine_cases import BANS, PLAIN, Case, cases
from gateway.bench.engine_child import Cost, engine, loaded
from gateway.bench.engine_model import LARGE, SMALL, write_model
from gateway.bench.report import paired
from gateway.processes import Child

_WARM = 4
"""Tokens of what is sent and not counted before each load: an engine that stood still while the
other worked begins slowly."""

Running = tuple[Child, str]
"""An engine's process and base URL."""

Pair = tuple[Cost, Cost]
"""What a case cost, and plain vLLM beside it."""


@dataclass(frozen=True, slots=True)
class Loads:
    """How much is sent: `batch` requests of `tokens` tokens to each case in each of `rounds`."""

    rounds: int
    batch: int
    tokens: int


def bench_engine(
    loads: Loads, *, quick: bool, progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Cases `plain`, `idle`, `steered_50`, `steered_100`, `bans_…`, and `mask` by strings.

    With `quick` a tiny model is only traced, to try the benchmark itself.
    """
    with tempfile.TemporaryDirectory(prefix="lethe-bench-") as folder, ExitStack() as stack:
        model = Path(folder) / "model"
        size = SMALL if quick else LARGE
        parameters = write_model(model, size)
        engines = {}
        for plugged in (False, True):
            progress(f"starting vLLM {'with the plug-in' if plugged else 'alone'}")
            child, url = engine(model, plugged=plugged, compiled=not quick)
            engines[plugged] = stack.enter_context(child), url
        pairs = asyncio.run(_measured(engines, size.width, loads, progress))
    told = {"parameters": parameters, "batch": loads.batch, "rounds": loads.rounds}
    found = [case | told for case in _reported(pairs)]
    progress("masks")
    sizes = BANS[:2] if quick else (*BANS, 10_000)
    return [*found, *mask_cases(sizes, 200 if quick else 4_000)]


async def _measured(
    engines: Mapping[bool, Running], width: int, loads: Loads, progress: Callable[[str], None]
) -> dict[str, list[Pair]]:
    tried = await cases(engines[True][1], width)
    pairs: dict[str, list[Pair]] = {name: [] for name in tried}
    rng = random.Random(0)

    async def cost(case: Case) -> Cost:
        for tokens in (_WARM, loads.tokens):
            bodies = list(case.bodies(loads.batch, tokens, rng))
            found = await loaded(*engines[case.plugged], bodies, tokens)
        return found

    for turn in range(loads.rounds + 1):  # the first round warms up and is not counted
        progress(f"round {turn} of {loads.rounds}")
        for name in rng.sample(list(tried), len(tried)):
            if rng.random() < 0.5:  # neither is always the one that comes after the other
                pair = await cost(tried[name]), await cost(PLAIN)
            else:
                plain = await cost(PLAIN)
                pair = await cost(tried[name]), plain
            if turn:
                pairs[name].append(pair)
    return pairs


def _reported(pairs: Mapping[str, Sequence[Pair]]) -> Iterator[dict[str, Any]]:
    """Medians over rounds; `ratio` is that of a step's CPU time to plain vLLM's beside it."""
    plain = [pair[1] for of in pairs.values() for pair in of]
    yield {"name": "plain", **_medians(plain)}
    for name, of in pairs.items():
        own, peer = [pair[0] for pair in of], [pair[1] for pair in of]
        speed = paired([c.tokens_per_s for c in own], [c.tokens_per_s for c in peer])
        yield {
            "name": name,
            **_medians(own),
            **paired([c.cpu_per_step_ms for c in own], [c.cpu_per_step_ms for c in peer]),
            **{f"tokens_per_s_{key}": value for key, value in speed.items()},
        }


def _medians(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "tokens_per_s": round(median(cost.tokens_per_s for cost in costs), 1),
        "cpu_per_step_ms": round(median(cost.cpu_per_step_ms for cost in costs), 3),
    }
