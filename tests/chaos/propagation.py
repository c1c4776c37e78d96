"""A filing reaches many gateways soon, while all of them serve chats.

python -m tests.chaos.propagation [--gateways 8] [--count 200] [--most-ms 150]
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from gateway.bench.propagation import bench_propagation
from tests.chaos.outcome import tell


def propagation(
    *, gateways: int, count: int, filings_per_s: float, chats_per_s: float, most_ms: float
) -> tuple[dict[str, Any], list[str]]:
    """What was measured, and what was wrong. Raises `NotForgotten`."""
    cases = bench_propagation(
        count=count,
        gateways=gateways,
        growth=100,
        progress=lambda what: print(f"… {what}", file=sys.stderr),
        filings_per_s=filings_per_s,
        chats_per_s=chats_per_s,
    )
    (found,) = [case for case in cases if case["name"] == "filing_to_all_gateways"]
    wrong = []
    if found["p99_ms"] > most_ms:
        wrong.append(f"the 99th percentile is {found['p99_ms']} ms")
    return found | {"filings_per_s": filings_per_s, "chats_per_s": chats_per_s}, wrong


def main() -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gateways", type=int, default=8)
    parser.add_argument("--count", type=int, default=200, help="filings to time")
    parser.add_argument("--filings-per-s", type=float, default=2.0)
    parser.add_argument("--chats-per-s", type=float, default=20.0, help="all gateways together")
    parser.add_argument("--most-ms", type=float, default=150.0, help="of the 99th percentile")
    tell(*propagation(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
