"""The report of a benchmark: the machine, the cases, percentiles."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gateway import __version__

_TAIL = 0.025
"""Of the sign test, on either side of the interval."""


def percentile(values_s: Sequence[float], q: float) -> float:
    """A percentile of durations in seconds, in milliseconds."""
    return round(float(np.percentile(np.asarray(values_s), q)) * 1e3, 3)


def spread(values_s: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile of durations in seconds, in milliseconds."""
    return {f"p{q}_ms": percentile(values_s, q) for q in (50, 95, 99)}


def paired(values: Sequence[float], base: Sequence[float]) -> dict[str, float]:
    """How a case compares with its peer: the median of their ratios, round by round.

    `low_ratio` and `high_ratio` are its 95 % confidence interval by order statistics, which asks
    nothing of how a machine is noisy; below six rounds, the least and the greatest ratio.
    """
    ratios = sorted(value / peer for value, peer in zip(values, base, strict=True))
    cut, tail = 0, 0.5 ** len(ratios)
    while tail <= _TAIL:
        cut += 1
        tail += comb(len(ratios), cut) * 0.5 ** len(ratios)
    cut = max(cut - 1, 0)
    return {
        "ratio": round(statistics.median(ratios), 4),
        "low_ratio": round(ratios[cut], 4),
        "high_ratio": round(ratios[-1 - cut], 4),
    }


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "lethe": __version__,
    }


def write(cases: Sequence[dict[str, Any]], out: Path | None) -> dict[str, Any]:
    """The report as one object; written to a file where one is named."""
    report = {"machine": machine(), "cases": list(cases)}
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return report


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
