"""The routes that hand out the audit, and what it is signed with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from gateway.audit.export import AuditExport
from gateway.audit.heads import signed_head
from gateway.http import json_response, known_query, query_number
from gateway.parts import Parts
from gateway.registry.audit import Deed
from gateway.roles import INSPECT, READ

JSON_LINES = "application/jsonl"
_MOST = 2**53


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
        return StreamingResponse(_again(first, lines), media_type=JSON_LINES)

    @router.get("/audit/head", dependencies=allowed(INSPECT))
    async def head() -> Response:
        """Where the audit ends now, signed: kept elsewhere, it shows what was altered later."""
        return json_response(signed_head(*await parts.registry.audit_head(), parts.signer).content)

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
