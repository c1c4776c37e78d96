"""A hundred thousand forget requests: listed, filtered, paged, exported, and started on.

python -m tests.chaos.big [--requests 100000] [--export] [--most-ms 50] [--most-start-s 20]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import platformdirs

from gateway.bench.filled import fill
from gateway.bench.prompts import subject
from gateway.bench.report import percentile, spread
from gateway.bench.servers import cpu_s, resident_mib, server, url
from gateway.encoder_cache import CachedEncoder
from gateway.encoder_load import load_encoder
from guards.meaning.adapter import shipped_adapter
from tests.chaos.outcome import tell
from tests.chaos.planted import FORGET
from tests.running import Running, eventually

_EXPORT = FORGET + "/export"
_GROWTH_MIB = 64
"""What a gateway may hold more while it exports."""

_PATIENCE_S = 600.0

_QUERIES: Mapping[str, Mapping[str, str]] = {
    "list": {},
    "limit_10": {"limit": "10"},
    "completed": {"status": "completed"},
    "lifted": {"status": "lifted"},
    "regulation": {"regulation": "gdpr"},
    "status_and_regulation": {"status": "completed", "regulation": "gdpr"},
    "subject": {"subject": subject(7)},
    "subject_request_id": {"subject_request_id": str(UUID(int=7, version=4))},
    "overdue": {"overdue": "true"},
    "received_since": {"received_since": "2020-01-01"},
    "received_until": {"received_until": "2020-01-01"},
}


def big(
    folder: Path, *, requests: int, calls: int, most_ms: float, most_start_s: float, export: bool
) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong."""
    encoder = CachedEncoder(
        load_encoder(None, Path(platformdirs.user_cache_dir("lethe"))), shipped_adapter()
    )
    data = folder / "gateway"
    began = time.monotonic()
    asyncio.run(fill(data, requests, encoder))
    counted: dict[str, Any] = {"requests": requests, "filled_s": _since(began)}
    wrong: list[str] = []
    with server("gateway.bench.stub", folder) as stub:
        gateway = Running(data, url(stub))
        try:
            counted["start_s"] = _start(gateway)
            counted["start_cpu_s"] = round(cpu_s(gateway.child), 2)
            counted["resident_mib"] = resident_mib(gateway.child)
            counted["completed"] = _all_completed(gateway.http)
            counted["queries"] = {
                name: _timed(gateway.http, query, calls) for name, query in _QUERIES.items()
            }
            counted["pages"] = _paged(gateway.http, requests, wrong)
            if export:
                counted["export"] = _exported(gateway, requests, wrong)
            wrong += _not_told(gateway, requests)
            gateway.child.stop()
            counted["start_from_snapshot_s"] = _start_alone(gateway, wrong)
        finally:
            gateway.stop()
    times = counted["queries"] | {"pages": counted["pages"]}
    wrong += [
        f"{name}: the 99th percentile is {found['p99_ms']} ms"
        for name, found in times.items()
        if found["p99_ms"] > most_ms
    ]
    wrong += [
        f"{name} is {counted[name]}"
        for name in ("start_s", "start_from_snapshot_s")
        if counted[name] > most_start_s
    ]
    return counted, wrong


def _start(gateway: Running) -> float:
    gateway.child.timeout_s = _PATIENCE_S
    began = time.monotonic()
    gateway.start()
    return _since(began)


def _start_alone(gateway: Running, wrong: list[str]) -> float:
    """Start on the snapshot, with a Redis that cannot be reached."""
    settings = {
        "redis_url": "redis://127.0.0.1:1/0",
        "data_key_file": str(gateway.data / "data.key"),
        "redis_timeout_s": "1",
    }
    alone = Running(gateway.data, gateway.upstream, settings, port=gateway.port)
    try:
        began = time.monotonic()
        # Ready only within the lag limit, which a slow machine needs for the start alone.
        alone.child.ready_url = f"{alone.http.base_url}/healthz"
        alone.child.start()
        eventually(lambda: alone.ask("What is there for lunch?").status_code == 200, _PATIENCE_S)
        took_s = _since(began)
        wrong += _not_told(alone, 1)
    finally:
        alone.stop()
    return took_s


def _all_completed(http: httpx.Client) -> bool:
    """Whether the gateway's acknowledgement completes them all, in reasonable time."""
    query = {"status": "in_progress", "limit": "1"}
    try:
        eventually(lambda: not http.get(FORGET, params=query).json()["items"], 60.0)
    except AssertionError:
        return False
    return True


def _timed(http: httpx.Client, query: Mapping[str, str], calls: int) -> dict[str, float]:
    return spread([_call(http, query)[0] for _ in range(calls)])


def _paged(http: httpx.Client, requests: int, wrong: list[str]) -> dict[str, float]:
    """All of them, page by page."""
    seen: set[str] = set()
    took: list[float] = []
    cursor: str | None = ""
    while cursor is not None:
        seconds, page = _call(http, {"cursor": cursor} if cursor else {})
        took.append(seconds)
        seen.update(item["id"] for item in page["items"])
        cursor = page["next_cursor"]
    if len(seen) != requests:
        wrong.append(f"{len(seen)} requests are on the pages")
    return {"pages": len(took), "p50_ms": percentile(took, 50), "p99_ms": percentile(took, 99)}


def _call(http: httpx.Client, query: Mapping[str, str]) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    answer = http.get(FORGET, params=dict(query))
    took_s = time.perf_counter() - began
    answer.raise_for_status()
    page: dict[str, Any] = answer.json()
    return took_s, page


def _exported(gateway: Running, requests: int, wrong: list[str]) -> dict[str, float]:
    """All of them as lines of JSON, and what the gateway holds more meanwhile."""
    before = most = resident_mib(gateway.child)
    lines, began = 0, time.monotonic()
    with gateway.http.stream("GET", _EXPORT, timeout=600) as answer:
        if answer.status_code != 200:
            wrong.append(f"the export was answered {answer.status_code}")
            return {}
        for number, _ in enumerate(answer.iter_lines(), start=1):
            lines = number
            if number % 1_000 == 0:
                most = max(most, resident_mib(gateway.child))
    if lines < requests:
        wrong.append(f"{lines} requests were exported")
    if most - before > _GROWTH_MIB:
        wrong.append(f"the export took {most - before:.0f} MiB")
    return {"lines": lines, "seconds": _since(began), "more_mib": round(most - before, 1)}


def _not_told(gateway: Running, requests: int) -> list[str]:
    told = [gateway.told(f"Where was {subject(number)} born?") for number in (0, requests - 1)]
    return ["what was filed was told"] if any(told) else []


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)


def main() -> None:
    """Fill a registry, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=300, help="of each query")
    parser.add_argument("--most-ms", type=float, default=50, help="of the 99th percentiles")
    parser.add_argument("--most-start-s", type=float, default=20)
    parser.add_argument("--export", action="store_true", help="also GET …/export")
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="lethe-big-") as folder:
        tell(*big(Path(folder), **vars(parser.parse_args())))


if __name__ == "__main__":
    main()
