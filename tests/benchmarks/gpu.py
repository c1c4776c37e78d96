"""What rotation and masks cost on a GPU, without vLLM: `python -m tests.benchmarks.gpu`.

Prints JSON lines. Times of the device are medians: rotation replayed from CUDA graphs, beside the
MLP of one decoder layer of that width; masks beside drawing a token from the same logits. `waits`
says whether writing masks waited for a device that was busy.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from steering.bans.vocabulary import Ids
from steering.vllm.dense import DenseSite, Tokens
from steering.vllm.masks import Masks
from steering.vllm.rows import Row

WIDTHS, STEPS, SHARES = (2_048, 4_096, 8_192), (1, 8, 64, 512, 8_192), (0.0, 0.01, 0.5, 1.0)
VOCABULARIES, BATCHES, BANNED = (32_000, 131_072, 262_144), (1, 8, 64, 256), (10, 500, 5_000)

_SLOTS, _CAPTURES = 256, 16
_MLP = 3.5
"""Width of an MLP, in hidden sizes."""

_REPEATS = 9
_BUSY_S, _CYCLES_PER_S = 0.02, 1.9e9

Work = Callable[[], object]


@dataclass(slots=True)
class Fixed(Row):
    """A row whose forbidden tokens are known."""

    ids: Ids = field(default_factory=lambda: np.empty(0, np.int32))

    def forbidden(self) -> list[Ids]:
        """See `Row.forbidden`."""
        return [self.ids]


def rotations(device: torch.device) -> Iterator[dict[str, Any]]:
    """One steered layer: its time, and as a ratio to an MLP; `share` of the tokens is steered."""
    for width, tokens in itertools.product(WIDTHS, STEPS):
        hidden, residual = torch.randn(2, tokens, width, device=device, dtype=torch.bfloat16)
        mlp = replayed(_mlp(hidden), 4)
        for share in SHARES:
            announced = Tokens(tokens, _CAPTURES, device)
            site = DenseSite(width, _SLOTS, _CAPTURES, device, announced)
            site.fill(1, np.random.default_rng(0).standard_normal(width).astype(np.float32))
            steered = np.arange(tokens) < np.ceil(share * tokens)
            announced.set(steered.astype(np.int32), ())
            took = replayed(lambda: site.apply(hidden, residual), 10)  # noqa: B023  called at once
            case = {"name": "rotation", "width": width, "tokens": tokens, "share": share}
            yield case | {"us": round(took, 2), "ratio_to_mlp": round(took / mlp, 4)}


def masks(device: torch.device) -> Iterator[dict[str, Any]]:
    """Masks of a step in which each row has so many banned tokens."""
    for tokens, batch, banned in itertools.product(VOCABULARIES, BATCHES, BANNED):
        logits = torch.randn(batch, tokens, device=device)
        rng = np.random.default_rng(0)
        rows: list[tuple[int, Row]] = [
            (n, Fixed("", None, False, [], None, rng.choice(tokens, banned).astype(np.int32)))
            for n in range(batch)
        ]
        made = Masks(0, device)

        def write(made: Masks = made, logits: Any = logits, rows: Any = rows) -> None:
            made.write(logits, rows)

        drawing = queued(lambda: torch.softmax(logits, -1).div_(_noise(logits)).argmax(-1))  # noqa: B023  called at once
        (idle, busy), took = (hosted(write, busy=each) for each in (False, True)), queued(write)
        case = {"name": "mask", "vocabulary": tokens, "batch": batch, "banned": banned}
        yield case | {
            "host_us": round(idle * 1e6, 1),
            "us": round(took, 1),
            "ratio_to_drawing": round(took / drawing, 3),
            "waits": busy > _BUSY_S / 2,
        }


def replayed(work: Work, times: int) -> float:
    """Microseconds of the device for a work, out of a graph that does it so many times."""
    for _ in range(3):
        work()
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(times):
            work()
    graph.replay()
    return statistics.median(_timed(graph.replay) for _ in range(_REPEATS)) / times


def queued(work: Work) -> float:
    """Microseconds of the device for a work that is queued while the device is busy."""
    work()
    return statistics.median(_timed(work, busy=True) for _ in range(_REPEATS))


def hosted(work: Work, *, busy: bool) -> float:
    """Seconds of the host for a work, on an idle or a busy device."""
    took = []
    for _ in range(_REPEATS):
        torch.cuda.synchronize()
        if busy:
            _occupy()
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _timed(work: Work, *, busy: bool = False) -> float:
    torch.cuda.synchronize()
    if busy:
        _occupy()
    begins, ends = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
    begins.record()
    work()
    ends.record()
    torch.cuda.synchronize()
    return float(begins.elapsed_time(ends)) * 1e3


def _occupy() -> None:
    torch.cuda._sleep(int(_BUSY_S * _CYCLES_PER_S))  # type: ignore[no-untyped-call]


def _mlp(hidden: torch.Tensor) -> Work:
    width = hidden.shape[1]
    inner = int(_MLP * width)
    up = torch.randn(width, 2 * inner, device=hidden.device, dtype=hidden.dtype) / width**0.5
    down = torch.randn(inner, width, device=hidden.device, dtype=hidden.dtype) / inner**0.5

    def run() -> object:
        gate, value = (hidden @ up).chunk(2, dim=-1)
        return (torch.nn.functional.silu(gate) * value) @ down

    return run


def _noise(logits: torch.Tensor) -> torch.Tensor:
    noise: torch.Tensor = torch.empty_like(logits).exponential_()
    return noise


def main() -> None:
    """Print all cases; exit code 1 without a GPU."""
    if not torch.cuda.is_available():
        sys.exit("No GPU was found that torch can use; `lethe bench engine` measures on CPUs.")
    device = torch.device("cuda")
    card, version = torch.cuda.get_device_name(), torch.__version__
    print(json.dumps({"name": "machine", "gpu": card, "torch": version}))
    for case in itertools.chain(rotations(device), masks(device)):
        print(json.dumps(case), flush=True)


if __name__ == "__main__":
    main()
