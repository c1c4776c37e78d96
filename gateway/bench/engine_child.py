"""vLLM in a process of its own: started, loaded, and asked what that cost."""

from __future__ import annotations

import asyncio
import functools
import os
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.bench.load import run_load
from gateway.errors import LetheError
from gateway.processes import Child, vllm_child

NAME = "bench"

_STEPS = "vllm:iteration_tokens_total_count"
_WORKERS = ("VLLM::Worker", "VLLM::EngineCor")  # the kernel cuts names at 15 characters
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_ANSWER_S = 600.0


class NoSteps(LetheError):
    """The engine does not say how many steps it took."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a load cost: seconds, tokens that were said, steps, CPU seconds of the worker."""

    wall_s: float
    tokens: int
    steps: float
    cpu_s: float

    @property
    def tokens_per_s(self) -> float:
        """Tokens a second, all requests together."""
        return self.tokens / self.wall_s

    @property
    def cpu_per_step_ms(self) -> float:
        """CPU time of one step, in milliseconds."""
        return self.cpu_s / self.steps * 1e3


def engine(model: Path, *, plugged: bool, compiled: bool) -> tuple[Child, str]:
    """vLLM on a model, with or without the plug-in, on a free port of loopback; its base URL.

    With `compiled` false its graph is traced only, which starts sooner.
    """
    log = model.with_name(f"{'plugged' if plugged else 'plain'}.log")
    return vllm_child(model, NAME, log, plugged=plugged, compiled=compiled)


async def loaded(child: Child, url: str, bodies: Sequence[bytes], tokens: int) -> Cost:
    """Send all bodies at once, which make the engine say so many tokens each.

    Raises `LoadFailed` and `NoSteps`.
    """
    before = await asyncio.to_thread(_spent, child, url)
    load = await run_load(
        url,
        functools.partial(iter, bodies),
        connections=len(bodies),
        path="/v1/completions",
        timeout_s=_ANSWER_S,
    )
    after = await asyncio.to_thread(_spent, child, url)
    return Cost(load.wall_s, tokens * len(bodies), after[0] - before[0], after[1] - before[1])


def body(prompt: Sequence[int], tokens: int, seed: int, **more: object) -> bytes:
    """A completion of so many tokens, whatever they are."""
    asked = {
        "model": NAME, "prompt": list(prompt), "max_tokens": tokens, "ignore_eos": True,
        "temperature": 1, "seed": seed, **more,
    }  # fmt: skip
    return orjson.dumps(asked)


def _spent(child: Child, url: str) -> tuple[float, float]:
    """Steps and CPU seconds of the worker since the start."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=60) as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    steps = [float(line.split()[-1]) for line in lines if line.startswith(_STEPS)]
    if not steps or child.process is None:
        raise NoSteps(f"{url}/metrics has no {_STEPS}: this vLLM is not supported.")
    found = dict(_processes(child.process.pid))
    return sum(steps), next((found[name] for name in _WORKERS if name in found), 0.0)


def _processes(session: int) -> Iterator[tuple[str, float]]:
    """Names and CPU seconds of the processes of a session, threads together (proc(5))."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition(" (")[2].rpartition(") ")
        except OSError:  # it ended
            continue
        fields = rest.split()
        if int(fields[3]) == session:
            yield name, (int(fields[11]) + int(fields[12])) * _TICK_S
