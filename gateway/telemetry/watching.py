"""Looks around every few seconds, so that neither a chat nor a scrape has to."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gateway.enforcement import Enforcer
from gateway.errors import LetheError
from gateway.registry.store import Registry
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.surroundings import Seen

EVERY_S = 5.0


async def look_around(
    registry: Registry,
    folder: Path,
    snapshot: Path,
    known: Seen | None = None,
    clock: Callable[[], float] = time.time,
) -> Seen:
    """One look at the store, the replicas, the disk and the snapshot; never raises for trouble.

    `known` is the look before, whose replicas and time count on while the store cannot be reached;
    `clock` is this machine's, in seconds since 1970.
    """
    overdue: Mapping[str, int] = {}
    ahead_s = known.ahead_s if known else 0.0
    try:
        asked = clock()
        store = await registry.health()
        ahead_s = store.clock - (asked + clock()) / 2
        replicas = await registry.gateways()
        # By the clock of the store: those of gateways may be wrong.
        overdue = await registry.overdue(datetime.fromtimestamp(store.clock, UTC))
    except LetheError:
        store, replicas = None, known.replicas if known else ()
    free, size, written = await asyncio.to_thread(_on_disk, folder, snapshot)
    return Seen(store, replicas, free, size, written, overdue, ahead_s)


def _on_disk(folder: Path, snapshot: Path) -> tuple[int, int, float | None]:
    try:
        usage = shutil.disk_usage(folder)
        free, size = usage.free, usage.total
    except OSError:
        free = size = 0
    try:
        return free, size, snapshot.stat().st_mtime
    except OSError:
        return free, size, None


async def watch(metrics: Metrics, registry: Registry, enforcer: Enforcer, folder: Path) -> None:
    """Bring the surroundings of one gateway's metrics up to date."""
    around = metrics.surroundings
    around.seen = await look_around(registry, folder, enforcer.snapshot, around.seen)
    metrics.refresh()
