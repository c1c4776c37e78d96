"""Many forget requests at once: filed from the lines of a file, and told as one."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from gateway.admin.exporting import exported
from gateway.admin.forget import ForgetRequests
from gateway.admin.importing import Importing
from gateway.admin.listing import FILTERS, wanted
from gateway.caller import Caller
from gateway.errors import InvalidRequest
from gateway.http import known_query, query_switch
from gateway.parts import Parts
from gateway.registry.audit import Deed
from gateway.roles import FILE, READ
from gateway.rows import TYPES, Format

_TELLABLE = frozenset(FILTERS) - {"subject", "subject_request_id"}


def bulk_router(parts: Parts) -> APIRouter:
    """Import and export."""
    router = APIRouter()
    allowed = parts.access.dependencies
    importing = Importing(ForgetRequests(parts), parts.cipher.derive("import"))

    @router.post("/forget-requests/import", dependencies=allowed(FILE))
    async def file_all(request: Request) -> Response:
        """File each line; the answer tells line by line what became of it.

        A line that cannot be filed stops no other. With `dry_run` each is validated only.
        """
        known_query(request, "dry_run", "format")
        kind = _format(request, request.headers.get("content-type", ""))
        dry_run, who = query_switch(request.query_params, "dry_run"), request.state.caller
        most = parts.settings.max_body
        told = await importing.run(request.stream(), kind, who, most=most, dry_run=dry_run)
        answer = b"".join(orjson.dumps(each) + b"\n" for each in told)
        return Response(answer, media_type=TYPES["jsonl"])

    @router.get("/forget-requests/export", dependencies=allowed(READ))
    async def export(request: Request) -> Response:
        """All forget requests that fit, as a file; told in the audit."""
        known_query(request, *FILTERS, "format")
        kind = _format(request, "")
        found = wanted(request.query_params, parts.metrics.surroundings.now())
        caller: Caller = request.state.caller
        details = {name: value for name, value in request.query_params.items() if name in _TELLABLE}
        await parts.registry.log(Deed("exported", caller.id, details=details))
        return StreamingResponse(exported(parts, found, kind), media_type=TYPES[kind])

    return router


def _format(request: Request, content_type: str) -> Format:
    """The format that the query string or the type of the body names, JSON lines by default."""
    named = request.query_params.get("format")
    if named is None:
        return "csv" if content_type.partition(";")[0].strip().lower() == "text/csv" else "jsonl"
    if named == "csv":
        return "csv"
    if named != "jsonl":
        raise InvalidRequest(f"format must be one of {', '.join(TYPES)}.", param="format")
    return "jsonl"
