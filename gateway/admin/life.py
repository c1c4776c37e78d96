"""The routes that move a forget request through its life, and tell of it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.admin.deciding import Deciding
from gateway.admin.decisions import (
    Approving,
    Decision,
    Denying,
    Extending,
    Lifting,
    Noting,
    Pausing,
    decision,
)
from gateway.admin.routes import meant_version, waiting
from gateway.admin.showing import Showing
from gateway.admin.views import entry_view, note_view, version_view
from gateway.http import json_response, known_query, optional_body, query_number
from gateway.parts import Parts
from gateway.registry.common import MAX_PAGE, decode_cursor, encode_cursor
from gateway.registry.status import Status
from gateway.roles import DECIDE, FILE, READ

_ONE = "/forget-requests/{request_id}"


def deciding_router(parts: Parts) -> APIRouter:
    """Decide on a request."""
    router = APIRouter()
    deciding, showing = Deciding(parts), Showing(parts)
    allowed, most = parts.access.dependencies, parts.settings.max_body

    async def moved(
        request: Request, request_id: str, kind: type[Decision], to: Status, *, watched: bool
    ) -> Response:
        said, who = decision(kind, await optional_body(request, most)), request.state.caller
        record = await deciding.move(request_id, to, said, who, watched=watched)
        return json_response(await showing.view_after(record))

    @router.post(f"{_ONE}/verify-identity", dependencies=allowed(DECIDE))
    async def verify_identity(request: Request, request_id: str) -> Response:
        """Note that it is known who asks."""
        said = decision(Decision, await optional_body(request, most))
        record = await deciding.verify_identity(request_id, said, request.state.caller)
        return json_response(await showing.view_after(record))

    @router.post(f"{_ONE}/approve", dependencies=allowed(DECIDE))
    async def approve(request: Request, request_id: str) -> Response:
        """Approve a pending forget request: it is enforced from here on.

        `If-Match` names the version that was looked at.
        """
        wait = waiting(request)
        said = decision(Approving, await optional_body(request, most))
        who, version = request.state.caller, meant_version(request)
        record = await deciding.approve(request_id, said, who, version=version)
        return json_response(await showing.view_after(await showing.settled(record, *wait)))

    @router.post(f"{_ONE}/deny", dependencies=allowed(DECIDE))
    async def deny(request: Request, request_id: str) -> Response:
        """Deny a forget request that waits: it will not be enforced."""
        return await moved(request, request_id, Denying, Status.DENIED, watched=False)

    @router.post(f"{_ONE}/pause", dependencies=allowed(DECIDE))
    async def pause(request: Request, request_id: str) -> Response:
        """Let a forget request not act for a while: the answer comes back until it is resumed."""
        return await moved(request, request_id, Pausing, Status.PAUSED, watched=True)

    @router.post(f"{_ONE}/resume", dependencies=allowed(DECIDE))
    async def resume(request: Request, request_id: str) -> Response:
        """Enforce a paused forget request again."""
        wait = waiting(request)
        said = decision(Decision, await optional_body(request, most))
        record = await deciding.resume(request_id, said, request.state.caller)
        return json_response(await showing.view_after(await showing.settled(record, *wait)))

    @router.post(f"{_ONE}/lift", dependencies=allowed(DECIDE))
    async def lift(request: Request, request_id: str) -> Response:
        """Lift a forget request: the answer comes back."""
        return await moved(request, request_id, Lifting, Status.LIFTED, watched=True)

    @router.post(f"{_ONE}/extend", dependencies=allowed(DECIDE))
    async def extend(request: Request, request_id: str) -> Response:
        """Move the due date as far as the law lets, once."""
        said = decision(Extending, await optional_body(request, most))
        record = await deciding.extend(request_id, said, request.state.caller)
        return json_response(await showing.view_after(record))

    return router


def telling_router(parts: Parts) -> APIRouter:
    """Note something on a request, and read what happened to it."""
    router = APIRouter()
    allowed, most = parts.access.dependencies, parts.settings.max_body

    @router.post(f"{_ONE}/notes", dependencies=allowed(FILE | DECIDE), status_code=201)
    async def add_note(request: Request, request_id: str) -> Response:
        """Keep a note on a forget request; it is sealed, and never told to clients."""
        said = decision(Noting, await optional_body(request, most))
        by = request.state.caller.id
        return json_response(note_view(await parts.registry.note(request_id, said.text, by)), 201)

    @router.get(f"{_ONE}/notes", dependencies=allowed(READ))
    async def notes(request: Request, request_id: str) -> Response:
        """The notes on a forget request, oldest first."""
        known_query(request)  # all come at once
        await parts.registry.get(request_id)
        found = await parts.registry.notes(request_id)
        return json_response({"items": [note_view(note) for note in found]})

    @router.get(f"{_ONE}/versions", dependencies=allowed(READ))
    async def versions(request: Request, request_id: str) -> Response:
        """What was filed, version by version, the first one first."""
        limit, after = _page(request)
        record = await parts.registry.get(request_id)
        found = await parts.registry.versions(record, after, limit)
        more = bool(found) and found[-1].version < record.version
        cursor = encode_cursor(found[-1].version) if more else None
        items = [version_view(version) for version in found]
        return json_response({"items": items, "next_cursor": cursor})

    @router.get(f"{_ONE}/events", dependencies=allowed(READ))
    async def events(request: Request, request_id: str) -> Response:
        """What the audit tells of a forget request, oldest first."""
        limit, after = _page(request)
        await parts.registry.get(request_id)
        found = await parts.registry.events(request_id, after, limit + 1)
        cursor = encode_cursor(after + limit) if len(found) > limit else None
        items = [entry_view(entry) for entry in found[:limit]]
        return json_response({"items": items, "next_cursor": cursor})

    return router


def _page(request: Request) -> tuple[int, int]:
    """How many items a page may have, and after how many it begins."""
    known_query(request, "limit", "cursor")
    limit = int(query_number(request, "limit", MAX_PAGE, low=1, high=MAX_PAGE))
    return limit, decode_cursor(request.query_params.get("cursor"))
