"""Metrics for Prometheus. No label ever carries a name, a text or an id of a forget request."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sized
from dataclasses import asdict
from pathlib import Path
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from gateway.calibration import Calibrated
from guards.leak.matcher import Kind, Leak

OUTCOMES = ("enforced", "allowed", "forget_intent", "bypassed_error", "aborted")
CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1, 2, 4)


class Metrics:
    """One gateway's metrics, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.outcomes = Counter(
            "lethe_requests_total",
            "Chat and completion requests by outcome.",
            ("outcome",),
            registry=self.registry,
        )
        for outcome in OUTCOMES:  # a series that exists at 0 can be alerted on
            self.outcomes.labels(outcome)
        self.rejected = Counter(
            "lethe_rejected_total",
            "Requests that were told to come back: too many were in flight and waiting.",
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "lethe_requests_in_flight", "Requests that are worked on.", registry=self.registry
        )
        self.waiting = Gauge(
            "lethe_requests_waiting", "Requests that wait for their turn.", registry=self.registry
        )
        self.observing = Counter(
            "lethe_observed_total",
            "Prompts that touch a forget request with the action observe.",
            registry=self.registry,
        )
        self.leaks = Counter(
            "lethe_leaks_stopped_total",
            "Choices of replies that were stopped, by what they were about to tell.",
            ("kind",),
            registry=self.registry,
        )
        for kind in get_args(Kind):
            self.leaks.labels(kind)
        self.suspected = Gauge(
            "lethe_false_stops_suspected",
            "Forget requests that act on far more prompts than one subject explains.",
            registry=self.registry,
        )
        # By forget request: for officers who may see it, and no label of a metric.
        self._observed: dict[str, int] = {}
        self.screening = Histogram(
            "lethe_screen_seconds",
            "Time to screen one conversation.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.delay = Histogram(
            "lethe_refusal_delay_seconds",
            "Time that refusals were held back so that they take as long as ordinary answers.",
            registry=self.registry,
        )
        self.filing = Histogram(
            "lethe_filing_seconds",
            "Time from a filing to its enforcement by the gateway that took it.",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.revision = Gauge(
            "lethe_revision",
            "Revision of the forget requests that this gateway enforces.",
            registry=self.registry,
        )
        self.rules = Gauge(
            "lethe_rules", "Rules that this gateway enforces.", registry=self.registry
        )
        self.steerable = Gauge(
            "lethe_engines_steerable",
            "Engines that have the plug-in and passed its self-test.",
            registry=self.registry,
        )
        self.caches = Gauge(
            "lethe_cache_entries",
            "What a cache holds at this moment; each is bounded.",
            ("cache",),
            registry=self.registry,
        )
        self.lag = Gauge(
            "lethe_registry_lag_seconds",
            "Seconds since the registry last confirmed the revision.",
            registry=self.registry,
        )
        self.thresholds = Gauge(
            "lethe_threshold",
            "Score from which a prompt counts as touching a forget request.",
            ("kind", "calibration"),
            registry=self.registry,
        )

    def calibrated(self, calibration: Calibrated) -> None:
        """Note by which thresholds this gateway judges."""
        for kind, value in asdict(calibration.thresholds).items():
            self.thresholds.labels(kind, calibration.id).set(value)

    def cached(self, name: str, cache: Sized) -> None:
        """Tell from here on how much a cache holds."""
        self.caches.labels(name).set_function(lambda: len(cache))

    def count(self, outcome: str) -> None:
        """Count one answered request."""
        self.outcomes.labels(outcome).inc()

    def leaked(self, leak: Leak) -> None:
        """Count one choice of a reply that was stopped."""
        self.leaks.labels(leak.kind).inc()

    def observe(self, ids: Collection[str]) -> None:
        """Count one request that touches forget requests which only observe."""
        self.observing.inc()
        for request_id in ids:
            self._observed[request_id] = self._observed.get(request_id, 0) + 1

    def observed_of(self, request_id: str) -> int:
        """How many requests this gateway has seen touch a forget request that observes."""
        return self._observed.get(request_id, 0)

    def text(self) -> bytes:
        """Everything in Prometheus' text format; what is counted, of all workers together."""
        shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        return generate_latest(_together(self.registry, Path(shared)) if shared else self.registry)


def _together(own: CollectorRegistry, folder: Path) -> CollectorRegistry:
    """What workers have counted in a folder, with one's own gauges: these cannot be summed up."""

    class Together(Collector):
        def collect(self) -> Iterator[Metric]:
            counted = [*folder.glob("counter_*.db"), *folder.glob("histogram_*.db")]
            yield from MultiProcessCollector.merge(map(str, counted))  # type: ignore[no-untyped-call]
            yield from (family for family in own.collect() if family.type == "gauge")

    registry = CollectorRegistry()
    registry.register(Together())
    return registry
