"""The routes that hand out the audit, outcomes and traces, and what is signed with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from gateway.admin.listing import moment
from gateway.admin.views import trace_view
from gateway.audit.export import AuditExport
from gateway.audit.heads import signed_head
from gateway.audit.hours import at, hour_view
from gateway.http import json_response, known_query, query_number
from gateway.parts import Parts
from gateway.registry.audit import Deed
from gateway.roles import AUDIT, INSPECT, READ
from gateway.rows import TYPES

_MOST = 2**53
_HOURS, _MOST_HOURS = 24 * 7, 24 * 31
_TRACES, _MOST_TRACES = 100, 1_000
_EVER, _NEVER = datetime.fromtimestamp(0, UTC), datetime(9999, 1, 1, tzinfo=UTC)


def audit_router(parts: Parts) -> APIRouter:
    """Export the audit, and show where it ends."""
    router = APIRouter()
    allowed = parts.access.dependencies

    @router.get("/audit", dependencies=allowed(INSPECT))
    async def export(request: Request) -> Response:
        """The entries of the audit as JSON lines, as they were hashed; the last is a signed head.

        Who exported is told in the audit, after the last of these entries.
        """
        known_query(request, "after", "limit")
        after = int(query_number(request, "after", 0, low=0, high=_MOST))
        limit = int(query_number(request, "limit", _MOST, low=1, high=_MOST))
        lines = AuditExport(parts.registry, parts.signer, after, limit).lines()
        first = await anext(lines)
        caller = request.state.caller.id
        await parts.registry.log(Deed("audit_exported", caller, details={"after": after}))
        return StreamingResponse(_again(first, lines), media_type=TYPES["jsonl"])

    @router.get("/audit/head", dependencies=allowed(INSPECT))
    async def head() -> Response:
        """Where the audit ends now, signed: kept elsewhere, it shows what was altered later."""
        return json_response(signed_head(*await parts.registry.audit_head(), parts.signer).content)

    @router.get("/audit/outcomes", dependencies=allowed(INSPECT))
    async def outcomes(request: Request) -> Response:
        """What became of requests, for each forget request and hour, oldest first."""
        known_query(request, "id", "since", "until", "limit")
        limit = int(query_number(request, "limit", _HOURS, low=1, high=_MOST_HOURS))
        query = request.query_params
        since, until = moment(query, "since") or _EVER, moment(query, "until") or _NEVER
        store = parts.registry.outcomes
        found = await store.hours(int(since.timestamp()), int(until.timestamp()), limit + 1)
        views = [await hour_view(parts.registry, h, query.get("id")) for h in found[:limit]]
        next_since = at(found[limit]) if len(found) > limit else None
        return json_response({"items": views, "next_since": next_since})

    @router.get("/traces", dependencies=allowed(AUDIT))
    async def traces(request: Request) -> Response:
        """Sampled requests, oldest first; that they were read is told in the audit."""
        known_query(request, "since", "until", "limit")
        limit = int(query_number(request, "limit", _TRACES, low=1, high=_MOST_TRACES))
        query = request.query_params
        since, until = moment(query, "since") or _EVER, moment(query, "until") or _NEVER
        found = await parts.registry.traces.page(since, until, limit + 1)
        details = {"count": min(limit, len(found))}
        await parts.registry.log(Deed("traces_read", request.state.caller.id, details=details))
        next_since = found[limit].time.isoformat() if len(found) > limit else None
        items = [trace_view(trace) for trace in found[:limit]]
        return json_response({"items": items, "next_since": next_since})

    @router.get("/signing-key", dependencies=allowed(READ))
    async def signing_key() -> Response:
        """The key that signatures of this deployment are checked with."""
        return json_response({"algorithm": "ed25519", "public_key": parts.signer.public_key})

    return router


async def _again(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for block in rest:
            yield block
