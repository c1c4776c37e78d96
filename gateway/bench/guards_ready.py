"""Reads stored rules and builds their rule set; prints seconds and memory.

python -m gateway.bench.guards_ready FILE
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson

from gateway.pauses import uncollected
from guards import Conversation, Rule, RuleSet, load_rule, screen


def stored(file: Path) -> Iterator[Rule]:
    """The rules of a file of frames: four bytes of length, then what `dump_rule` wrote."""
    with file.open("rb") as frames:
        while length := frames.read(4):
            yield load_rule(frames.read(int.from_bytes(length, "big")))


def main(file: Path) -> None:
    """Build, judge once so that all is there that is made at first use, and tell."""
    empty = _resident_mib()
    began = time.perf_counter()
    with uncollected():  # as a gateway does
        ruled = RuleSet.build(stored(file), 1)
    built = time.perf_counter() - began
    dimension = next(iter(ruled.rules.values())).retain.shape[1]
    screen(
        Conversation.of("Where is the station?"),
        ruled,
        lambda texts: np.full((len(texts), dimension), dimension**-0.5, np.float32),
    )
    report = {
        "build_ms": round(built * 1e3, 1),
        "ready_ms": round((time.perf_counter() - began) * 1e3, 1),
        "resident_mib": _resident_mib(),
        "resident_empty_mib": empty,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    sys.stdout.buffer.write(orjson.dumps(report))


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
