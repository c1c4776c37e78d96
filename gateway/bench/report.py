"""The report of a benchmark: the machine, the cases, percentiles."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gateway import __version__


def percentile(values_s: Sequence[float], q: float) -> float:
    """A percentile of durations in seconds, in milliseconds."""
    return round(float(np.percentile(np.asarray(values_s), q)) * 1e3, 3)


def spread(values_s: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th percentile of durations in seconds, in milliseconds."""
    return {f"p{q}_ms": percentile(values_s, q) for q in (50, 95, 99)}


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
