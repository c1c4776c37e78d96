"""What the admin routes answer, built from records and replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.compiling import Compiler
from gateway.engines import Engine
from gateway.layers import IN_ENGINES, Layers
from gateway.openai.judging import way_of
from gateway.opendsr import REQUEST_STATUS
from gateway.registry.audit import Entry
from gateway.registry.filing import Filing
from gateway.registry.models import Note, Record, Replica, Version
from gateway.registry.traces import KeptTrace
from gateway.times import timestamp
from guards import Action, Explanation, RuleError, load_rule


def request_view(
    record: Record,
    gateways: Sequence[Replica],
    layers: Layers,
    observed: int,
    compiler: Compiler,
    *,
    now: datetime,
    suspected: bool = False,
) -> dict[str, Any]:
    """A forget request as POST and GET answer it.

    `gateways` is empty where the registry could not say which there are. `observed` counts the
    chats that this gateway has seen touch a request which only observes; `suspected` says whether
    the request acts on more of them than one subject explains; `now` is the store's time.
    """
    filing = _filed(record.filing)
    status = record.status.value
    blind = {"embeddings": _embeddings(record, compiler)} if record.filing.blind else {}
    filing["scope"]["whole_subject"] = record.filing.whole_subject
    return {
        "id": record.id,
        "revision": record.revision,
        "version": record.version,
        "status": status,
        "request_status": REQUEST_STATUS[record.status],
        "subject_request_type": "erasure",
        "received_time": timestamp(record.received_time),
        "expected_completion_time": timestamp(record.expected_completion_time),
        "completed_time": timestamp(record.completed_time),
        "overdue": record.overdue(now),
        "provisional": record.provisional,
        "case": asdict(record.decided),
        "enforcement": {
            "gateways": acknowledged(record.revision, gateways),
            "engines": layers.acknowledged(record),
            "layers": layers.states_of(record, gateways),
            **blind,
        },
        "suspected": suspected,
        **({"observed": observed} if record.filing.action is Action.OBSERVE else {}),
        **filing,
    }


def _filed(filing: Filing) -> dict[str, Any]:
    """What was filed; how much of it is withheld only where it is."""
    nothing = {"withheld"} if filing.withheld is None else None
    return filing.model_dump(mode="json", exclude=nothing)


def _embeddings(record: Record, compiler: Compiler) -> str:
    """Whether those of a blind request act here: they cannot be made anew for another encoder."""
    try:
        return "active" if compiler.reads(load_rule(record.rule)) else "inactive"
    except RuleError:
        return "inactive"


def state_view(record: Record) -> dict[str, Any]:
    """Where a request stands, as an export tells it beside what was filed."""
    return {
        "id": record.id,
        "status": record.status.value,
        "provisional": record.provisional,
        "version": record.version,
        "revision": record.revision,
        "received_time": timestamp(record.received_time),
        "expected_completion_time": timestamp(record.expected_completion_time),
        "completed_time": timestamp(record.completed_time),
        "case": asdict(record.decided),
    }


def entry_view(entry: Entry) -> dict[str, Any]:
    """An entry of the audit, as the events of a request show it."""
    return {
        "number": entry.number,
        "time": entry.time,
        "by": entry.by,
        "action": entry.action,
        "version": entry.version,
        "revision": entry.revision,
        # Of what concerned many requests at once, their ids are nobody's business here.
        "details": {name: value for name, value in entry.details.items() if name != "ids"},
    }


def note_view(note: Note) -> dict[str, Any]:
    """A note on a request."""
    return {"time": timestamp(note.time), "by": note.by, "text": note.text}


def version_view(version: Version) -> dict[str, Any]:
    """What was filed in one version."""
    return {"version": version.version, **_filed(version.filing)}


def trace_view(trace: KeptTrace) -> dict[str, Any]:
    """A sampled request."""
    return {"id": trace.id, "time": timestamp(trace.time), **orjson.loads(trace.content)}


def explanation_view(
    explanation: Explanation,
    latency_ms: float,
    acting: Sequence[str],
    able: bool,
    *,
    open_book: bool,
) -> dict[str, Any]:
    """Why a conversation is judged as it is, as `POST /admin/explain` answers it.

    `acting` holds the layers that the settings let act, `latency_ms` what the verdict took, `able`
    says whether an engine can act at this moment, `open_book` whether the reply may tell what the
    conversation states.
    """
    verdict = explanation.verdict
    action: str = verdict.action
    if open_book:
        action = "allow"
    elif action != "allow":
        steers = not IN_ENGINES.isdisjoint(acting)
        way = way_of(action == "refuse", acting, steers=steers)
        # Matched, and shown below, even where nothing acts on it.
        action = {"pass": "allow", "suppress": "suppress" if able else "refuse"}.get(way, way)
    return {
        "action": action,
        "open_book": open_book,
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


def engine_view(engine: Engine) -> dict[str, Any]:
    """An engine as `GET /admin/status` tells of it; `missing` says why it cannot be steered."""
    status = engine.status
    return {
        "url": engine.endpoint.url,
        "boot_id": status and status.boot_id,
        "revision": status and status.revision,
        "self_test": status.self_test if status else "unavailable",
        "model": engine.endpoint.model,
        "healthy": engine.endpoint.healthy,
        "missing": (status and status.self_test_detail) or engine.missing,
        "layers": status and status.layers,
        "counters": status and status.counters,
    }
