"""Which layers act on what: in the deployment, and for one forget request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.engines import Engine
from gateway.engines.rules import forbidden, variants_of
from gateway.engines.steering import Steering
from gateway.engines.texts import has_texts
from gateway.registry.models import Record, Replica
from gateway.settings import LAYERS
from guards import Action

IN_ENGINES = frozenset({"rotate", "ban"})
"""Layers that act inside engines."""

SETTLED = frozenset({"active", "off", "inactive", "observing"})
"""States that waiting changes no more."""


@dataclass(frozen=True, slots=True)
class Layers:
    """What is known at one moment: the engines, the ledger's epoch, the layers that may act.

    States are `unavailable` (nobody here can do it), `off` (by the settings), `inactive` (nothing
    to act on, or not enforced), `capturing` (a steering vector is being made), `pending` (a
    replica is behind), `active`, and `observing`.
    """

    engines: Sequence[Engine]
    epoch: str | None
    acting: Sequence[str]
    steering: Steering

    def state(self, layer: str) -> str:
        """Whether a layer can act at all in this deployment."""
        steerable = any(engine.steerable for engine in self.engines)
        if layer in IN_ENGINES and not steerable:
            return "unavailable"
        return "active" if layer in self.acting else "off"

    def states(self) -> Mapping[str, str]:
        """Of every layer."""
        return {layer: self.state(layer) for layer in LAYERS}

    def states_of(self, record: Record, gateways: Sequence[Replica]) -> Mapping[str, str]:
        """Of every layer, for one forget request."""
        return {layer: self._state_of(layer, record, gateways) for layer in LAYERS}

    def acknowledged(self, record: Record) -> dict[str, int]:
        """How many engines are live, how many of all hold a record, how many are silent."""
        live = sum(engine.endpoint.healthy for engine in self.engines)
        return {
            "live": live,
            "acknowledged": sum(e.holds(self.epoch, record.revision) for e in self.engines),
            "silent": len(self.engines) - live,
        }

    def _state_of(self, layer: str, record: Record, gateways: Sequence[Replica]) -> str:
        observes, screens = record.filing.action is Action.OBSERVE, layer == "screen"
        # Matching always runs: a request is observed even where the screen does not act.
        state = "active" if observes and screens else self.state(layer)
        if state != "active":
            return state
        if not record.enforced or (observes and not screens):
            return "inactive"
        if layer in IN_ENGINES:
            return self._in_engines(layer, record)
        live = [replica for replica in gateways if replica.live]
        everywhere = bool(live) and all(replica.revision >= record.revision for replica in live)
        if not everywhere:
            return "pending"
        return "observing" if observes else "active"

    def _in_engines(self, layer: str, record: Record) -> str:
        steered = [engine for engine in self.engines if engine.steerable]
        if layer == "ban" and not forbidden(record.filing):
            return "inactive"
        if layer == "rotate":
            made = variants_of(record)
            wanted = [self.steering.variant(e.status) for e in steered if e.status is not None]
            if not has_texts(record.filing):
                return "inactive"
            if any(variant is None or variant.key not in made for variant in wanted):
                return "capturing"
        holding = all(engine.holds(self.epoch, record.revision) for engine in steered)
        return "active" if holding else "pending"
