"""What one gateway is made of; handed to the routes."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.access import Access
from gateway.audit.outcomes import Outcomes
from gateway.audit.traces import Traces
from gateway.calibration import Calibrated
from gateway.encoder import Encoder
from gateway.enforcement import Enforcer
from gateway.engines import Engines, Interventions
from gateway.engines.steering import Steering
from gateway.layers import Layers
from gateway.monitor import FalseStops
from gateway.registry.cipher import Cipher
from gateway.registry.redis_deliveries import RedisDeliveries
from gateway.registry.redis_recipients import RedisRecipients
from gateway.registry.store import Registry
from gateway.sampling import Sampling
from gateway.settings import Settings
from gateway.signing import Signer
from gateway.telemetry import Metrics
from gateway.upstream.pool import UpstreamPool
from gateway.webhooks.dispatcher import Dispatcher
from guards import Conversation, Verdict
from guards.leak.watch import Watch


@dataclass(frozen=True, slots=True)
class Parts:
    """The running parts of one gateway."""

    settings: Settings
    cipher: Cipher
    registry: Registry
    encoder: Encoder
    calibration: Calibrated
    enforcer: Enforcer
    pool: UpstreamPool
    engines: Engines
    steering: Steering
    interventions: Interventions
    access: Access
    metrics: Metrics
    signer: Signer
    recipients: RedisRecipients
    deliveries: RedisDeliveries
    dispatcher: Dispatcher
    outcomes: Outcomes
    traces: Traces
    retained: tuple[str, ...]
    sampling: Sampling
    monitor: FalseStops

    @property
    def layers(self) -> Layers:
        """What acts where, at this moment."""
        epoch, acting = self.enforcer.holdings.epoch, self.settings.layers
        return Layers(self.engines.all, epoch, acting, self.steering)

    def watch(self, ids: Collection[str]) -> Watch:
        """What replies to a prompt that matched the rules with these ids may not say."""
        enforcer = self.enforcer
        return Watch.of(lambda: enforcer.rules, enforcer.compiler.key, ids)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know, in sentences."""
        return (*self.registry.warnings, *self.enforcer.warnings, *self.traces.warnings)

    def count(self, outcome: str, touched: Mapping[str, str]) -> None:
        """Count an answered request, and what became of it for each forget request it touched."""
        self.metrics.count(outcome)
        self.outcomes.add(outcome, touched)

    def observe(self, ids: Collection[str]) -> None:
        """Count a request that touches forget requests which only observe."""
        self.metrics.observe(ids)
        self.outcomes.let_pass(ids)

    async def screen(self, conversation: Conversation) -> Verdict:
        """The verdict on a conversation, timed; raises `NotReady`."""
        began = time.perf_counter()
        action = "none"
        try:
            verdict = await self.enforcer.screen(conversation)
            action = verdict.action
            return verdict
        finally:
            revision = self.enforcer.rules.revision
            took = time.perf_counter() - began
            self.metrics.took("screen", took, action=action, revision=revision)


def problems_of(enforcer: Enforcer, pool: UpstreamPool) -> list[str]:
    """Why a gateway is not ready, in sentences; empty when it is."""
    problems = enforcer.problems()
    if not any(endpoint.healthy for endpoint in pool.endpoints):
        problems.append("No upstream in LETHE_UPSTREAMS answers.")
    return problems
