"""What metrics tell: of one gateway, of its surroundings, and of several workers together."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.errors import RegistryUnavailable
from gateway.registry.health import StoreHealth
from gateway.registry.memory import MemoryRegistry
from gateway.registry.models import Replica
from gateway.telemetry import Metrics
from gateway.telemetry.surroundings import Seen, engine_name
from gateway.telemetry.watching import look_around
from guards import Verdict
from guards.verdict import Match

WORKER = """
import sys
from gateway.telemetry import Metrics
metrics, (revision, flying) = Metrics(), map(int, sys.argv[1:3])
metrics.tell(metrics.revision, lambda: revision)
metrics.tell(metrics.in_flight, lambda: flying)
metrics.tell(metrics.lag, lambda: flying / 10)
metrics.count("enforced")
metrics.refresh()
if len(sys.argv) > 3:
    print(metrics.text().decode())
"""


def match(enforced: bool = True, **detectors: float) -> Match:
    return Match("fr_secret", 1.0, 0.5, "name", detectors, "folded", (0, 4), 0, enforced)


@pytest.mark.parametrize(
    ("verdict", "labels"),
    [
        (Verdict("allow", 1), ("allow", "none")),
        (Verdict("refuse", 1, (match(name=1.0, cosine=0.4),)), ("refuse", "name")),
        (Verdict("suppress", 1, (match(surname=0.3, cosine=0.7),)), ("suppress", "cosine")),
        (Verdict("allow", 1, (match(enforced=False, fuzzy=1.0),)), ("observe", "fuzzy")),
        (Verdict("refuse", 1, (match(brand_new=1.0),)), ("refuse", "other")),
    ],
)
def test_verdicts_are_counted_by_action_and_detector(
    verdict: Verdict, labels: tuple[str, str]
) -> None:
    metrics = Metrics()
    metrics.judged(verdict)
    text = metrics.text().decode()
    action, detector = labels
    assert f'lethe_verdicts_total{{action="{action}",detector="{detector}"}} 1.0' in text
    assert "fr_secret" not in text


def test_surroundings_are_told_as_they_were_seen() -> None:
    metrics = Metrics()
    assert "\nlethe_redis_up " not in metrics.text().decode()
    store = StoreHealth("7.4", 10, 100, "noeviction", True, 0.0, 9)
    now = datetime.now(UTC)
    replicas = (Replica("a", 7, now, True), Replica("b", 5, now, False))
    metrics.surroundings.seen = Seen(store, replicas, 3, 9, None)
    text = metrics.text().decode()
    for line in (
        "lethe_redis_up 1.0",
        "lethe_redis_memory_bytes 10.0",
        "lethe_redis_memory_limit_bytes 100.0",
        "lethe_redis_persistent 1.0",
        "lethe_ledger_length 9.0",
        'lethe_replica_live{replica="b"} 0.0',
        'lethe_replica_revisions_behind{replica="b"} 2.0',
        "lethe_disk_free_bytes 3.0",
    ):
        assert f"\n{line}\n" in text
    metrics.surroundings.seen = Seen(None, replicas, 3, 9, None)
    text = metrics.text().decode()
    assert "\nlethe_redis_up 0.0\n" in text
    assert "\nlethe_redis_memory_bytes " not in text


def test_an_engine_is_named_without_its_password() -> None:
    assert engine_name("http://user:secret@engine:8000/") == "engine:8000"
    assert engine_name("https://engine/a") == "engine:443/a"


async def test_a_look_around_needs_neither_store_nor_folder(tmp_path: Path) -> None:
    registry, snapshot = MemoryRegistry(), tmp_path / "snapshot.bin"
    seen = await look_around(cast(Any, registry), tmp_path, snapshot)
    assert seen.store is not None
    assert seen.snapshot_written is None
    assert 0 < seen.disk_free <= seen.disk_size
    snapshot.touch()
    seen = await look_around(cast(Any, registry), tmp_path / "gone", snapshot)
    assert seen.snapshot_written is not None
    assert seen.disk_size == 0


async def test_the_time_of_a_store_that_is_away_goes_on(tmp_path: Path) -> None:
    class Away(MemoryRegistry):
        async def health(self) -> StoreHealth:
            raise RegistryUnavailable("Redis is away.", code="registry_unavailable")

    before = Seen(None, (), 3, 9, None, ahead_s=60.0)
    seen = await look_around(cast(Any, Away()), tmp_path, tmp_path / "snapshot.bin", before)
    assert seen.ahead_s == 60.0


def test_workers_are_told_of_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    def worker(*arguments: str) -> str:
        command = [sys.executable, "-c", WORKER, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    worker("7", "2")
    text = worker("5", "30", "tell")
    for line in (
        "lethe_revision 5.0",
        "lethe_requests_in_flight 32.0",
        "lethe_registry_lag_seconds 3.0",
        'lethe_requests_total{outcome="enforced"} 2.0',
    ):
        assert f"\n{line}\n" in text
    assert text.count("# TYPE lethe_revision gauge") == 1
    assert "lethe_build_info{" in text
