"""The report of `lethe bench gateway` for people: a page of Markdown and its charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.svg import bars

_CHARTS = {
    "chats_per_s": "Chats a second",
    "streams_per_s": "Streams of 64 chunks a second",
    "added_at_50_p50_ms": "Added at 50 chats a second, median, ms",
    "added_at_50_p99_ms": "Added at 50 chats a second, 99th percentile, ms",
}
_RATES = {
    "prompt": "prompt",
    "connections": "connections",
    "chats_per_s": "chats/s",
    "streams_per_s": "streams/s",
    "cpu_per_chat_ms": "CPU a chat, ms",
    "cpu_per_stream_ms": "CPU a stream, ms",
    "rejected": "answered 429",
}
_TIMES = {
    "added_p50_ms": "added p50",
    "added_p95_ms": "p95",
    "added_p99_ms": "p99",
    "added_at_50_p50_ms": "at 50/s p50",
    "added_at_50_p95_ms": "p95",
    "added_at_50_p99_ms": "p99",
    "first_byte_p50_ms": "first token p50",
    "gap_p50_ms": "gap p50",
    "gap_p99_ms": "gap p99",
    "resident_mib": "MiB",
}


def write_summary(report: Mapping[str, Any], page: Path) -> None:
    """Write the page, and its charts as SVG files beside it."""
    cases, machine = report["cases"], report["machine"]
    timed = [case for case in cases if "added_p50_ms" in case]
    page.parent.mkdir(parents=True, exist_ok=True)
    charts = []
    for key, title in _CHARTS.items():
        file = page.with_name(f"{page.stem}-{key}.svg")
        file.write_text(bars(title, [(case["name"], case[key]) for case in timed]))
        charts.append(f"![{title}]({file.name})")
    page.write_text(
        "\n".join(
            [
                "# What the gateway costs",
                "",
                f"{machine['processor']}, {machine['cores']} cores, Lethe {machine['lethe']}, "
                f"Python {machine['python']}; load, stub and gateways share the cores.",
                "",
                *charts,
                "",
                "## Rates",
                "",
                *_table(cases, _RATES),
                "",
                "## Latency",
                "",
                "In milliseconds, added to that of the stub: at one connection, and at 50 chats a",
                "second. The gaps are those between the reads of streams of 5 ms a token.",
                "",
                *_table(timed, _TIMES),
                "",
            ]
        )
    )


def _table(cases: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[str]:
    rows = [[str(case["name"]), *(f"{case[key]}" for key in columns)] for case in cases]
    head = ["server", *columns.values()]
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
