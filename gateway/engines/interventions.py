"""From matches to an intervention, and the engine that can carry it out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from gateway.encoder import Encoder
from gateway.enforcement import Enforcer
from gateway.engines.engine import Engine
from gateway.engines.rules import engine_rule
from gateway.engines.status import EngineStatus
from gateway.engines.steering import Steering
from gateway.engines.texts import has_texts
from gateway.registry.errors import Unreadable
from gateway.registry.models import Record
from gateway.upstream import Endpoint
from guards.text.segment import readable, slices
from steering import EngineRule, Intervention, SteeringError, SteeringVector
from steering.gate import weights

_KEPT = 1_024
"""Rules that are kept as an engine holds them."""


@dataclass(frozen=True, slots=True)
class Steered:
    """Where a flagged request goes, and what is done to it there."""

    endpoint: Endpoint
    intervention: Intervention


class Interventions:
    """Decides what the engine is asked to do for a request that touches some rules.

    `layers` are those that act: "rotate", "ban" or both. `gate` is the cosine from which one of
    several vectors of a rule acts on a prompt. `penalty` is what tokens that would complete a
    forbidden string lose in logits; None bans them.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        enforcer: Enforcer,
        encoder: Encoder,
        steering: Steering,
        *,
        layers: Collection[str],
        gate: float,
        penalty: float | None,
    ) -> None:
        self._engines = engines
        self._enforcer = enforcer
        self._encoder = encoder
        self._steering = steering
        self._rotate, self._ban = "rotate" in layers, "ban" in layers
        self._gate = gate
        self._penalty = penalty
        self.kept: dict[tuple[str, int, str, tuple[int, ...]], EngineRule] = {}
        """Rules as an engine holds them, by what they were made from."""
        self._lock = Lock()

    @property
    def act(self) -> bool:
        """Whether the settings let the engine act at all."""
        return self._rotate or self._ban

    @property
    def able(self) -> bool:
        """Whether any engine could act at this moment."""
        return self.act and any(engine.steerable for engine in self._engines)

    async def for_(self, model: str, ids: Collection[str], said: str) -> Steered | None:
        """The least busy engine that can act on all matched rules, and how; None without one.

        `said` is the message that matched. Whatever is missing, a vector that is not captured yet,
        an engine that is behind, a rule that nothing in the engine can act on, means None: the
        request has to be refused.
        """
        if not self.act:
            return None
        held = self._enforcer.holdings
        records = [held.records.get(name) for name in ids]
        able = [
            engine
            for engine in self._engines
            if engine.endpoint.healthy
            and model in engine.endpoint.models
            and all(r is not None and engine.holds(held.epoch, r.revision) for r in records)
        ]
        for engine in sorted(able, key=lambda engine: engine.endpoint.outstanding):
            known = [record for record in records if record is not None]
            intervention = await asyncio.to_thread(self._made, known, engine, said)
            if intervention is not None:
                return Steered(engine.endpoint, intervention)
        return None

    def _made(self, records: Sequence[Record], engine: Engine, said: str) -> Intervention | None:
        status = engine.status
        variant = None if status is None else self._steering.variant(status)
        if status is None or (variant is None and self._rotate):
            return None  # lost while this waited for a thread, or not steered at the layer
        vectors: dict[str, float] = {}
        bans: list[str] = []
        for record in records:
            try:
                rule = self._rule(record, status)
                rotates = self._rotate and has_texts(record.filing)
            except (Unreadable, SteeringError):
                return None
            own = [v for v in rule.vectors if variant and (v.layer, v.alpha) == variant.acts]
            bans += [rule.bans_fingerprint] if self._ban and rule.bans_fingerprint else []
            if rotates and not own:
                return None  # not captured yet
            if not rotates and not (self._ban and rule.bans):
                return None  # nothing in the engine can act on this rule
            if rotates:
                vectors |= acting(own, said, self._encoder, self._gate)
        return Intervention(tuple(vectors.items()), tuple(dict.fromkeys(bans)), self._penalty)

    def _rule(self, record: Record, status: EngineStatus) -> EngineRule:
        """What the engine holds of a record: parsed once, for many chats touch the same few."""
        key = record.id, record.revision, status.fingerprint, status.layers
        rule = self.kept.get(key)
        if rule is None:
            rule = engine_rule(record, status)
            with self._lock:
                self.kept[key] = rule
                if len(self.kept) > _KEPT:
                    del self.kept[next(iter(self.kept))]
        return rule


def acting(
    vectors: Sequence[SteeringVector], said: str, encoder: Encoder, gate: float
) -> dict[str, float]:
    """Which vectors of a rule act on a message, by fingerprint, each with its weight."""
    names = [vector.fingerprint for vector in vectors]
    if len(names) == 1:
        return {names[0]: 1.0}
    windows = [readable(said[start:end]) for start, end in slices(said)]
    centroids = [vector.centroid for vector in vectors]
    near = weights(centroids, encoder.encode(windows), gate)
    return {name: weight for name, weight in zip(names, near, strict=True) if weight}
