"""Explain, status, and expiring a replica that will not come back."""

from __future__ import annotations

import asyncio
import time

from fastapi import APIRouter, Request, Response

from gateway import __version__
from gateway.admin.store import moment, store_view
from gateway.admin.views import engine_view, explanation_view
from gateway.errors import Conflict, InvalidRequest, NotFound
from gateway.http import json_body, json_response
from gateway.openai.conversation import conversation_of
from gateway.parts import Parts
from gateway.registry.audit import Deed
from gateway.roles import OPERATE, READ
from gateway.telemetry.watching import look_around
from gateway.times import timestamp
from guards import Conversation
from guards import explain as explained
from guards.leak.opening import opened


def overview_router(parts: Parts) -> APIRouter:
    """What is enforced where, and why a prompt would be refused."""
    router = APIRouter()
    allowed = parts.access.dependencies

    @router.post("/explain", dependencies=allowed(READ))
    async def explain(request: Request) -> Response:
        """What would happen to a chat body or a text, and why."""
        body = await json_body(request, parts.settings.max_body)
        if not isinstance(body, dict):
            raise InvalidRequest('The body must be a chat body or {"text": …}.')
        if isinstance(body.get("text"), str):
            conversation = Conversation.of(body["text"])
        elif "text" in body:
            raise InvalidRequest("text must be a string.", param="text")
        else:
            conversation = conversation_of(body)
        began = time.perf_counter()
        await parts.screen(conversation)  # timed as a chat is, and only where it can be trusted
        latency_ms = round((time.perf_counter() - began) * 1e3, 3)
        explanation = await asyncio.to_thread(
            explained, conversation, parts.enforcer.rules, parts.encoder.encode
        )
        matched = [match.id for match in explanation.verdict.matches if match.enforced]
        book = None
        if matched and "filter" in parts.settings.layers:
            book = await asyncio.to_thread(opened, parts.watch(matched), conversation)
        return json_response(
            explanation_view(
                explanation,
                latency_ms,
                parts.settings.layers,
                parts.interventions.able,
                open_book=book is not None,
            )
        )

    @router.get("/status", dependencies=allowed(READ))
    async def status() -> Response:
        """Which replicas enforce which revision, and which layers can act."""
        seen = await look_around(parts.registry, parts.settings.data_dir, parts.enforcer.snapshot)
        return json_response(
            {
                "version": __version__,
                "revision": parts.enforcer.rules.revision,
                "gateways": [
                    {"id": g.id, "revision": g.revision, "seen": timestamp(g.seen), "live": g.live}
                    for g in seen.replicas
                ],
                "engines": [engine_view(engine) for engine in parts.engines.all],
                "redis": "unreachable" if seen.store is None else "ok",
                "store": store_view(seen.store, parts.registry),
                "disk": {"free": seen.disk_free, "size": seen.disk_size},
                "snapshot": {
                    "written": timestamp(moment(seen.snapshot_written)),
                    "unsaved_s": round(parts.enforcer.unsaved_s, 1),
                },
                "workers": parts.settings.workers,
                "layers": parts.layers.states(),
                "calibration": parts.calibration,
                "problems": parts.enforcer.problems(),
                "suspected": parts.monitor.suspected,
            }
        )

    @router.delete("/gateways/{gateway_id}", dependencies=allowed(OPERATE), status_code=204)
    async def expire(request: Request, gateway_id: str) -> Response:
        """Expire a gateway that will not come back, so that it no longer blocks completion."""
        known = {gateway.id: gateway for gateway in await parts.registry.gateways()}
        if gateway_id not in known:
            raise NotFound(
                f"There is no gateway {gateway_id!r}; GET /admin/status names them.",
                code="no_such_gateway",
            )
        if known[gateway_id].live:
            raise Conflict(
                f"The gateway {gateway_id!r} is live: it was seen within LETHE_LEASE_S and would "
                "register again at once. Stop it instead.",
                code="gateway_is_live",
            )
        # Told first: one that is expired without a word would be worse than the other way round.
        who = request.state.caller.id
        await parts.registry.log(Deed("gateway_expired", who, details={"gateway": gateway_id}))
        await parts.registry.leave(gateway_id)
        return Response(status_code=204)

    return router
