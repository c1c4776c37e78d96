"""The routes on forget requests."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from gateway.admin.forget import ForgetRequests
from gateway.admin.listing import FILTERS, wanted
from gateway.admin.showing import Showing
from gateway.admin.trial import Trial
from gateway.errors import InvalidRequest
from gateway.http import json_body, json_response, known_query, query_number, query_switch
from gateway.parts import Parts
from gateway.roles import FILE, READ

_VERSION = re.compile(r"[0-9]{1,9}")


def forget_router(parts: Parts) -> APIRouter:
    """File, list, show, edit and withdraw, each behind its role."""
    router = APIRouter()
    requests, showing = ForgetRequests(parts), Showing(parts)
    trial = Trial(parts)

    allowed = parts.access.dependencies

    @router.post("/forget-requests", dependencies=allowed(FILE), status_code=201)
    async def file(request: Request) -> Response:
        """File a forget request; 200 when it was filed before with the same content.

        With `dry_run` nothing is filed, and the answer tells what the filing would block.
        """
        known_query(request, "wait", "wait_for", "dry_run")  # a dry run misspelt would file
        wait = waiting(request)
        dry_run = query_switch(request.query_params, "dry_run")
        body = await json_body(request, parts.settings.max_body)
        if dry_run:
            return json_response(await trial.run(body))
        record, new = await requests.file(body, request.state.caller)
        record = await showing.settled(record, *wait)
        return json_response(await showing.view_after(record), 201 if new else 200)

    @router.get("/forget-requests", dependencies=allowed(READ))
    async def listing(request: Request) -> Response:
        """A page of forget requests that fit, oldest first; overdue ones by their due dates."""
        known_query(request, *FILTERS, "limit", "cursor")
        limit = int(query_number(request, "limit", 100, low=1, high=1_000))
        query = request.query_params
        found = wanted(query, parts.metrics.surroundings.now())
        page = await parts.registry.list(found, limit, query.get("cursor"))
        gateways = await parts.registry.gateways()
        items = [showing.view_beside(record, gateways) for record in page.items]
        return json_response({"items": items, "next_cursor": page.next_cursor})

    @router.get("/forget-requests/{request_id}", dependencies=allowed(READ))
    async def one(request_id: str) -> Response:
        """One forget request, with what enforces it."""
        return json_response(await showing.view(await parts.registry.get(request_id)))

    @router.patch("/forget-requests/{request_id}", dependencies=allowed(FILE))
    async def edit(request: Request, request_id: str) -> Response:
        """File another version: a JSON merge patch. `If-Match` names the version that is meant."""
        wait = waiting(request)
        body = await json_body(request, parts.settings.max_body)
        record = await requests.edit(request_id, body, meant_version(request), request.state.caller)
        return json_response(await showing.view_after(await showing.settled(record, *wait)))

    @router.delete("/forget-requests/{request_id}", dependencies=allowed(FILE), status_code=202)
    async def withdraw(request: Request, request_id: str) -> Response:
        """Withdraw a forget request before it is completed."""
        who = request.state.caller
        record = await requests.withdraw(request_id, who)
        return json_response(await showing.view_after(record), 202)

    return router


def meant_version(request: Request) -> int | None:
    """The version in `If-Match`, None without one."""
    text = request.headers.get("if-match")
    if text is None:
        return None
    bare = text.strip().strip('"')
    if not _VERSION.fullmatch(bare):
        raise InvalidRequest("If-Match must be a version, such as 3.", param="If-Match")
    return int(bare)


def waiting(request: Request) -> tuple[float, bool]:
    """How long to wait for all gateways, in seconds, and whether for all engines too."""
    wait_s = query_number(request, "wait", 0.0, low=0.0, high=60.0)
    engines = request.query_params.get("wait_for", "gateways")
    if engines not in ("gateways", "engines"):
        raise InvalidRequest("wait_for must be gateways or engines.", param="wait_for")
    return wait_s, engines == "engines"
