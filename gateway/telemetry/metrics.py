"""Metrics for Prometheus. No label ever carries a name, a text or an id of a forget request."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sized
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from gateway import __version__
from gateway.access import REFUSALS
from gateway.calibration import Calibrated
from gateway.telemetry.stages import Stage, stage_histograms
from gateway.telemetry.surroundings import Surroundings
from gateway.telemetry.together import FOLDER, together
from guards import Verdict
from guards.leak.matcher import Kind, Leak

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing

OUTCOMES = ("enforced", "allowed", "forget_intent", "bypassed_error", "aborted")
CONTENT_TYPE = CONTENT_TYPE_LATEST
ACTIONS = ("allow", "suppress", "refuse", "observe")
WEBHOOKS = ("delivered", "failed", "given_up")
DETECTORS = ("name", "fuzzy", "surname", "given", "anchor", "cosine")


class Metrics:
    """One gateway's metrics, in a registry of its own; `surroundings` are filled by a watcher.

    With `tracing` what is timed becomes a span too. Of several workers behind one port each has
    such an object: gauges with a mode `live…` are told of all of them together.
    """

    def __init__(self, tracing: Tracing | None = None) -> None:
        self.registry = CollectorRegistry()
        self.tracing = tracing
        self.surroundings = Surroundings()
        self.registry.register(self.surroundings)
        ProcessCollector(registry=self.registry)
        self._reads: list[tuple[Gauge, Callable[[], float]]] = []
        # By forget request: for officers who may see it, and no label of a metric.
        self._observed: dict[str, int] = {}
        self._stages = stage_histograms(self.registry)
        self.outcomes = self._counter(
            "lethe_requests_total", "Chat and completion requests by outcome.", "outcome"
        )
        for outcome in OUTCOMES:  # a series that exists at 0 can be alerted on
            self.outcomes.labels(outcome)
        self.verdicts = self._counter(
            "lethe_verdicts_total",
            "Verdicts on conversations by what follows from them and by what saw it first.",
            "action",
            "detector",
        )
        self.rejected = self._counter(
            "lethe_rejected_total",
            "Requests that were told to come back: too many were in flight and waiting.",
        )
        self.keys_refused = self._counter(
            "lethe_keys_refused_total", "Requests whose API key did not let them in.", "code"
        )
        for code in REFUSALS:
            self.keys_refused.labels(code)
        self.observing = self._counter(
            "lethe_observed_total",
            "Prompts that touch a forget request with the action observe.",
        )
        self.leaks = self._counter(
            "lethe_leaks_stopped_total",
            "Choices of replies that were stopped, by what they were about to tell.",
            "kind",
        )
        for kind in get_args(Kind):
            self.leaks.labels(kind)
        self.in_flight = self._gauge(
            "lethe_requests_in_flight", "Requests that are worked on.", "livesum"
        )
        self.waiting = self._gauge(
            "lethe_requests_waiting", "Requests that wait for their turn.", "livesum"
        )
        self.delay = Histogram(
            "lethe_refusal_delay_seconds",
            "Time that refusals were held back so that they take as long as ordinary answers.",
            registry=self.registry,
        )
        self.ready = self._gauge("lethe_ready", "Whether this gateway is ready: 1, or 0.")
        self.revision = self._gauge(
            "lethe_revision", "Revision of the forget requests that this gateway enforces."
        )
        self.rules = self._gauge("lethe_rules", "Rules that this gateway enforces.")
        self.lag = self._gauge(
            "lethe_registry_lag_seconds",
            "Seconds since the registry last confirmed the revision.",
            "livemax",
        )
        self.unsaved = self._gauge(
            "lethe_snapshot_unsaved_seconds",
            "Seconds for which a change has waited to be written into the snapshot on disk.",
            "livemax",
        )
        self.steerable = self._gauge(
            "lethe_engines_steerable", "Engines that have the plug-in and passed its self-test."
        )
        self.suspected = self._gauge(
            "lethe_false_stops_suspected",
            "Forget requests that act on far more prompts than one subject explains.",
            "livemax",
        )
        self._webhooks = self._counter(
            "lethe_webhooks_total", "Attempts to deliver webhooks, by what came of them.", "result"
        )
        for result in WEBHOOKS:
            self._webhooks.labels(result)
        self.webhooks_waiting = self._gauge(
            "lethe_webhooks_waiting", "Webhooks that have not been delivered yet.", "livemax"
        )
        self.caches = Gauge(
            "lethe_cache_entries",
            "What a cache holds at this moment; each is bounded.",
            ("cache",),
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.thresholds = Gauge(
            "lethe_threshold",
            "Score from which a prompt counts as touching a forget request.",
            ("kind", "calibration"),
            registry=self.registry,
        )
        build = Gauge(
            "lethe_build_info", "Always 1; says which version runs.", ("version",),
            registry=self.registry,
        )  # fmt: skip
        build.labels(__version__).set(1)

    def tell(self, gauge: Gauge, read: Callable[[], float]) -> None:
        """Tell from here on what `read` says at the moment; it must neither wait nor raise."""
        self._reads.append((gauge, read))

    def calibrated(self, calibration: Calibrated) -> None:
        """Note by which thresholds this gateway judges."""
        for kind, value in asdict(calibration.thresholds).items():
            self.thresholds.labels(kind, calibration.id).set(value)

    def cached(self, name: str, cache: Sized) -> None:
        """Tell from here on how much a cache holds."""
        self.tell(self.caches.labels(name), lambda: len(cache))

    def count(self, outcome: str) -> None:
        """Count one answered request."""
        self.outcomes.labels(outcome).inc()
        if self.tracing is not None:
            self.tracing.note(outcome=outcome)

    def key_refused(self, code: str) -> None:
        """Count one request whose API key, or lack of one, did not let it in."""
        self.keys_refused.labels(code).inc()

    def judged(self, verdict: Verdict) -> None:
        """Count one verdict, by the detector that was surest of the strongest match."""
        action, detector = str(verdict.action), "none"
        if verdict.matches:
            match = verdict.matches[0]
            seen = max(match.detectors, key=lambda name: match.detectors[name])
            detector = seen if seen in DETECTORS else "other"
            if action == "allow" and not match.enforced:
                action = "observe"
        self.verdicts.labels(action, detector).inc()

    def took(self, stage: Stage, seconds: float, /, **about: str | int | float) -> None:
        """Note how long a stage took; `about` goes into its span."""
        self._stages[stage].observe(seconds)
        if self.tracing is not None:
            self.tracing.took(stage, seconds, about)

    def leaked(self, leak: Leak) -> None:
        """Count one choice of a reply that was stopped."""
        self.leaks.labels(leak.kind).inc()

    def webhook(self, result: str) -> None:
        """Count one attempt to deliver a webhook."""
        self._webhooks.labels(result).inc()

    def observe(self, ids: Collection[str]) -> None:
        """Count one request that touches forget requests which only observe."""
        self.observing.inc()
        for request_id in ids:
            self._observed[request_id] = self._observed.get(request_id, 0) + 1

    def observed_of(self, request_id: str) -> int:
        """How many requests this gateway has seen touch a forget request that observes."""
        return self._observed.get(request_id, 0)

    def refresh(self) -> None:
        """Write down what gauges say at this moment, for whichever worker is asked next."""
        for gauge, read in self._reads:
            gauge.set(read())

    def text(self) -> bytes:
        """Everything in Prometheus' text format, of all workers together."""
        self.refresh()
        shared = os.environ.get(FOLDER)
        return generate_latest(together(self.registry, Path(shared)) if shared else self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self.registry)

    def _gauge(self, name: str, told: str, mode: str = "livemin") -> Gauge:
        """A gauge of which the lowest (or sum, or highest) of all workers is told."""
        return Gauge(name, told, registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]
