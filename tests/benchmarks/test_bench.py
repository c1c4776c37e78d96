"""The benchmarks run and report what they promise; how fast is for `make bench` to say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import torch

from gateway.bench.bans import mask_cases


def bench(tmp_path: Path, *arguments: str, within_s: float = 120) -> dict[str, dict[str, Any]]:
    """The cases of a report, by name."""
    out = tmp_path / "report.json"
    subprocess.run(
        [sys.executable, "-m", "gateway.cli", "bench", *arguments, "--json", str(out)],
        check=True,
        capture_output=True,
        timeout=within_s,
    )
    report = orjson.loads(out.read_bytes())
    assert report["machine"]["cores"]
    return {case["name"]: case for case in report["cases"]}


def test_propagation(tmp_path: Path) -> None:
    cases = bench(tmp_path, "propagation", "--count", "10", "--growth", "100", "--gateways", "2")
    assert {"p50_ms", "p99_ms"} <= cases["filing_to_refused"].keys()
    assert cases["filing_to_all_gateways"]["gateways"] == 2
    assert cases["growth"]["ratio"] > 0


def test_gateway(tmp_path: Path) -> None:
    cases = bench(
        tmp_path, "gateway", "--layers", "guards", "--layers", "all", "--requests", "20",
        "--prompt", "short", "--connections", "8", "--connections", "1",
        "--rounds", "1", "--count", "50", "--seconds", "1", "--page", str(tmp_path / "page.md"),
    )  # fmt: skip
    servers = ["stub", "bare", "lethe"]
    assert list(cases) == [
        *servers, "lethe guards 20",
        "stub short 1", "bare short 1", "lethe guards 20 short 1", "lethe short 1",
    ]  # fmt: skip
    for case in cases.values():
        assert case["chats_per_s"] > 0
        assert case["streams_per_s"] > 0
    for name in servers:
        assert {"added_p50_ms", "added_p99_ms", "added_at_50_p99_ms"} <= cases[name].keys()
        assert cases[name]["gap_p50_ms"] > 1, "streams came at once, or none did"
        assert cases[name]["resident_mib"] > 1
    assert (cases["lethe"]["layers"], cases["lethe"]["filed"]) == ("all", 20)
    page = (tmp_path / "page.md").read_text()
    rate = cases["lethe guards 20 short 1"]["chats_per_s"]
    assert f"| lethe guards 20 short 1 | short | 1 | {rate} |" in page
    charts = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
    assert all((tmp_path / chart).read_text().count("<rect") == 5 for chart in charts)


def test_guards(tmp_path: Path) -> None:
    cases = bench(
        tmp_path, "guards", "--requests", "20", "--requests", "100", "--count", "10",
        "--added", "10", "--tokens", "500", "--questions", "500",
    )  # fmt: skip
    assert list(cases) == [
        "encoder_64", "screen_20", "repeated", "screen_100", "repeated_100", "long_500_tokens",
        "add_to_100", "merge_100", "ready_100", "questions_500",
    ]  # fmt: skip
    assert cases["screen_20"]["ratio_to_encoder"] > 0
    assert cases["screen_100"]["ratio_to_20"] > 0
    assert cases["add_to_100"]["reader_longest_wait_ms"] >= 0
    assert cases["merge_100"]["reader_longest_wait_ms"] >= 0
    assert cases["ready_100"]["resident_mib"] > 0
    assert cases["questions_500"]["recall_ratio"] > 0.9


def test_masks() -> None:
    cases = mask_cases([10, 500], 300)
    assert [(case["strings"], case["text"]) for case in cases] == [
        (10, "ordinary"), (10, "near"), (500, "ordinary"), (500, "near"),
    ]  # fmt: skip
    for case in cases:
        assert case["name"] == "mask"
        assert case["vocabulary"] == 131_072
        assert {"mean_ms", "p99_ms", "compile_ms"} <= case.keys()
        assert case["masked_mean"] > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_named() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.gpu"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "No GPU" in ended.stderr


@pytest.mark.slow
def test_engine(tmp_path: Path) -> None:
    cases = bench(
        tmp_path, "engine", "--quick", "--rounds", "1", "--batch", "2", "--tokens", "8",
        within_s=600,
    )  # fmt: skip
    assert list(cases) == [
        "plain", "idle", "steered_50", "steered_100", "bans_10", "bans_100", "bans_1000", "mask",
    ]  # fmt: skip
    assert cases.pop("mask")["p99_ms"] > 0
    for case in cases.values():
        assert case["tokens_per_s"] > 0
        assert case["cpu_per_step_ms"] > 0
    del cases["plain"]
    for case in cases.values():
        assert case["low_ratio"] <= case["ratio"] <= case["high_ratio"]
