"""What a gateway depends on, as metrics: the store, the other replicas, engines, its disk.

Whatever is told here was looked at before, in the background (watching.py): a scrape waits for
nobody. What it tells is the same whichever worker is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from yarl import URL

from gateway.registry.health import StoreHealth
from gateway.registry.models import Replica

if TYPE_CHECKING:  # engines time their answers, so they import this package
    from gateway.engines import Engine


@dataclass(frozen=True, slots=True)
class Seen:
    """One look around. `store` is None where it could not be reached; sizes are bytes.

    `replicas` are those of the last look that succeeded; `snapshot_written` is in seconds since
    1970, None where there is no snapshot. `overdue` counts the forget requests that are unanswered
    past their due date, by regulation; `ahead_s` is by how many seconds the store's clock is ahead
    of this machine's, 0 where that is not known.
    """

    store: StoreHealth | None
    replicas: tuple[Replica, ...]
    disk_free: int
    disk_size: int
    snapshot_written: float | None
    overdue: Mapping[str, int] = field(default_factory=dict)
    ahead_s: float = 0.0


class Surroundings(Collector):
    """Tells what was `seen` last, and how engines stand to the ledger.

    `engines` are those there are, `standing` is the epoch and the revision that the gateway
    enforces. All families are there from the start, with no sample in them until something is
    known. `clock` is this machine's, in seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.seen: Seen | None = None
        self.engines: Callable[[], Collection[Engine]] = lambda: ()
        self.standing: Callable[[], tuple[str | None, int]] = lambda: (None, 0)

    def now(self) -> datetime:
        """The time by the store's clock, as it was seen last; by this machine's until then.

        Of several gateways, one may be days off.
        """
        ahead_s = self.seen.ahead_s if self.seen else 0.0
        return datetime.fromtimestamp(self._clock() + ahead_s, UTC)

    def collect(self) -> Iterator[Metric]:
        """The families, as they are at this moment."""
        yield from self._store()
        yield from self._replicas()
        yield from self._disk()
        yield from self._engines()
        yield from self._clocks()

    def _clocks(self) -> Iterator[Metric]:
        overdue = _family(
            "lethe_requests_overdue",
            "Forget requests that are unanswered past their due date.",
            "regulation",
        )
        for regulation, count in (self.seen.overdue if self.seen else {}).items():
            overdue.add_metric((regulation,), count)
        yield overdue

    def _store(self) -> Iterator[Metric]:
        seen, store = self.seen, self.seen.store if self.seen else None
        up = _family("lethe_redis_up", "Whether Redis answered the last look: 1, or 0.")
        used = _family("lethe_redis_memory_bytes", "Memory that Redis uses.")
        most = _family(
            "lethe_redis_memory_limit_bytes", "The maxmemory of Redis; 0 where there is none."
        )
        kept = _family(
            "lethe_redis_persistent",
            "Whether Redis keeps an append-only file and could write to it: 1, or 0.",
        )
        length = _family("lethe_ledger_length", "Changes in the ledger.")
        if seen is not None:
            up.add_metric((), float(store is not None))
        if store is not None:
            used.add_metric((), store.used_memory)
            most.add_metric((), store.max_memory)
            kept.add_metric((), float(store.persistent))
            length.add_metric((), store.ledger_length)
        yield from (up, used, most, kept, length)

    def _replicas(self) -> Iterator[Metric]:
        replicas = self.seen.replicas if self.seen else ()
        live = _family(
            "lethe_replica_live", "Whether a gateway reports to the registry: 1, or 0.", "replica"
        )
        revision = _family(
            "lethe_replica_revision", "Revision that a gateway has acknowledged.", "replica"
        )
        behind = _family(
            "lethe_replica_revisions_behind",
            "Revisions that a gateway is behind the newest that any gateway enforces.",
            "replica",
        )
        newest = max((replica.revision for replica in replicas), default=0)
        for replica in replicas:
            live.add_metric((replica.id,), float(replica.live))
            revision.add_metric((replica.id,), replica.revision)
            behind.add_metric((replica.id,), newest - replica.revision)
        yield from (live, revision, behind)

    def _disk(self) -> Iterator[Metric]:
        free = _family("lethe_disk_free_bytes", "Free on the disk of the data folder.")
        size = _family("lethe_disk_size_bytes", "Size of the disk of the data folder.")
        age = _family(
            "lethe_snapshot_age_seconds",
            "Seconds since the snapshot on disk was written; it is only when something changes.",
        )
        if self.seen is not None:
            free.add_metric((), self.seen.disk_free)
            size.add_metric((), self.seen.disk_size)
            if self.seen.snapshot_written is not None:
                age.add_metric((), max(0.0, time.time() - self.seen.snapshot_written))
        yield from (free, size, age)

    def _engines(self) -> Iterator[Metric]:
        healthy = _family("lethe_engine_healthy", "Whether an engine answers: 1, or 0.", "engine")
        steerable = _family(
            "lethe_engine_steerable",
            "Whether an engine has the plug-in and passed its self-test: 1, or 0.",
            "engine",
        )
        behind = _family(
            "lethe_engine_revisions_behind",
            "Revisions that an engine is behind this gateway; all of them where it holds none.",
            "engine",
        )
        epoch, revision = self.standing()
        for engine in self.engines():
            name, status = (engine_name(engine.endpoint.url),), engine.status
            healthy.add_metric(name, float(engine.endpoint.healthy))
            steerable.add_metric(name, float(engine.steerable))
            held = status.revision if status and status.epoch == epoch else 0
            behind.add_metric(name, max(0, revision - held))
        yield from (healthy, steerable, behind)


def engine_name(url: str) -> str:
    """Host and port of an engine, and its path if it has one: a URL may hold a password."""
    parsed = URL(url)
    return f"{parsed.host}:{parsed.port}{parsed.path.rstrip('/')}"


def _family(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=labels)
