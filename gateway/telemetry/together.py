"""The metrics of all workers behind one port, whichever of them is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client is told where workers leave what they count."""


def together(own: CollectorRegistry, folder: Path) -> CollectorRegistry:
    """What workers have left in a folder, with one's own gauges of what all of them see alike.

    Counters and histograms are summed up, those of workers that died included. Gauges that a
    worker keeps for itself (mode `live…`) are added up, or the worst of them is told.
    """

    class Together(Collector):
        def collect(self) -> Iterator[Metric]:
            kinds = ("counter_*.db", "histogram_*.db", "gauge_live*.db")
            files = [str(path) for kind in kinds for path in folder.glob(kind)]
            merged = list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]
            yield from merged
            told = {family.name for family in merged}
            for family in own.collect():
                if family.type == "gauge" and family.name not in told:
                    yield family

    registry = CollectorRegistry()
    registry.register(Together())
    return registry


def forget_worker(pid: int, folder: str) -> None:
    """Leave out the gauges of a worker that has ended."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
