"""What the admin routes answer, built from records and replicas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.registry.models import Record, Replica
from gateway.settings import LAYERS
from guards import Action, Explanation

# Layers that this version does not build: what they would do is refused instead.
UNAVAILABLE = frozenset({"rotate", "ban", "filter"})


def timestamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def request_view(
    record: Record,
    gateways: Sequence[Replica],
    engines: Sequence[bool],
    acting: Sequence[str],
    observed: int,
) -> dict[str, Any]:
    """A forget request as POST and GET answer it.

    `gateways` is empty where the registry could not say which there are. `engines` holds the
    health of each engine, `acting` the layers that the settings let act. `observed` counts the
    chats that this gateway has seen touch a request which only observes.
    """
    filing = record.filing.model_dump(mode="json")
    status = record.status.value
    filing["scope"]["whole_subject"] = record.filing.whole_subject
    return {
        "id": record.id,
        "revision": record.revision,
        "version": record.version,
        "status": status,
        # OpenDSR has no words for these: to the person who asked, the request has ended.
        "request_status": "cancelled" if status in ("lifted", "denied") else status,
        "received_time": timestamp(record.received_time),
        "expected_completion_time": timestamp(record.expected_completion_time),
        "completed_time": timestamp(record.completed_time),
        "enforcement": {
            "gateways": acknowledged(record.revision, gateways),
            "engines": {
                "live": sum(engines),
                "acknowledged": 0,
                "silent": len(engines) - sum(engines),
            },
            "layers": {layer: _layer(layer, record, gateways, acting) for layer in LAYERS},
        },
        **({"observed": observed} if record.filing.action is Action.OBSERVE else {}),
        **filing,
    }


def explanation_view(
    explanation: Explanation, latency_ms: float, acting: Sequence[str]
) -> dict[str, Any]:
    """Why a conversation is judged as it is, as `POST /admin/explain` answers it.

    `acting` holds the layers that the settings let act, `latency_ms` what the verdict took.
    """
    verdict = explanation.verdict
    # Without a plug-in in the engine there is nothing to suppress with.
    action = "refuse" if verdict.action == "suppress" else verdict.action
    if "screen" not in acting:
        action = "allow"  # matched, and shown below, but nothing acts on it
    return {
        "action": action,
        "revision": verdict.revision,
        "latency_ms": latency_ms,
        "matches": verdict.matches,
        "spans_touched": verdict.spans_touched,
        "spans_clear": verdict.spans_clear,
        "thresholds": explanation.thresholds,
        "nearest": explanation.nearest,
        "hits": explanation.hits,
        "views": explanation.views,
    }


def acknowledged(revision: int, gateways: Sequence[Replica]) -> dict[str, int]:
    """How many gateways are live, how many of all enforce a revision, how many are silent."""
    return {
        "live": sum(replica.live for replica in gateways),
        "acknowledged": sum(replica.revision >= revision for replica in gateways),
        "silent": sum(not replica.live for replica in gateways),
    }


def layer_state(layer: str, acting: Sequence[str]) -> str:
    """Whether a layer can act at all in this deployment."""
    if layer in UNAVAILABLE:
        return "unavailable"
    return "active" if layer in acting else "off"


def _layer(layer: str, record: Record, gateways: Sequence[Replica], acting: Sequence[str]) -> str:
    observes, screens = record.filing.action is Action.OBSERVE, layer == "screen"
    # Matching always runs: a request is observed even where the screen does not act.
    state = "active" if observes and screens else layer_state(layer, acting)
    if state != "active":
        return state
    if not record.status.enforced or (observes and not screens):
        return "inactive"
    live = [replica for replica in gateways if replica.live]
    everywhere = bool(live) and all(replica.revision >= record.revision for replica in live)
    if not everywhere:
        return "pending"
    return "observing" if observes else "active"
