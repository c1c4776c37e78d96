"""The routes on forget requests."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.admin.forget import ForgetRequests
from gateway.admin.trial import Trial
from gateway.errors import InvalidRequest
from gateway.http import json_body, json_response, known_query, query_number, query_switch
from gateway.parts import Parts
from gateway.registry.models import Status
from gateway.roles import DECIDE, FILE, READ


def forget_router(parts: Parts) -> APIRouter:
    """File, list, show, approve, deny, lift and withdraw, each behind its role."""
    router = APIRouter()
    requests = ForgetRequests(parts)
    trial = Trial(parts)

    allowed = parts.access.dependencies

    @router.post("/forget-requests", dependencies=allowed(FILE), status_code=201)
    async def file(request: Request) -> Response:
        """File a forget request; 200 when it was filed before with the same content.

        With `dry_run` nothing is filed, and the answer tells what the filing would block.
        """
        known_query(request, "wait", "wait_for", "dry_run")  # a dry run misspelt would file
        wait = _wait(request)
        dry_run = query_switch(request, "dry_run")
        body = await json_body(request, parts.settings.max_body)
        if dry_run:
            return json_response(await trial.run(body))
        record, new = await requests.file(body)
        record = await requests.settled(record, *wait)
        return json_response(await requests.view_after(record), 201 if new else 200)

    @router.get("/forget-requests", dependencies=allowed(READ))
    async def listing(request: Request) -> Response:
        """A page of forget requests, oldest first."""
        status = request.query_params.get("status")
        if status is not None and status not in set(Status):
            raise InvalidRequest(f"status must be one of {', '.join(Status)}.", param="status")
        limit = int(query_number(request, "limit", 100, low=1, high=1_000))
        page = await parts.registry.list(
            Status(status) if status else None, limit, request.query_params.get("cursor")
        )
        gateways = await parts.registry.gateways()
        items = [requests.view_beside(record, gateways) for record in page.items]
        return json_response({"items": items, "next_cursor": page.next_cursor})

    @router.get("/forget-requests/{request_id}", dependencies=allowed(READ))
    async def one(request_id: str) -> Response:
        """One forget request, with what enforces it."""
        return json_response(await requests.view(await parts.registry.get(request_id)))

    @router.post("/forget-requests/{request_id}/approve", dependencies=allowed(DECIDE))
    async def approve(request: Request, request_id: str) -> Response:
        """Approve a pending forget request: it is enforced from here on."""
        wait = _wait(request)
        record = await requests.settled(await requests.approve(request_id), *wait)
        return json_response(await requests.view_after(record))

    @router.post("/forget-requests/{request_id}/deny", dependencies=allowed(DECIDE))
    async def deny(request_id: str) -> Response:
        """Deny a pending forget request: it will not be enforced."""
        record = await requests.move(request_id, Status.DENIED)
        return json_response(await requests.view_after(record))

    @router.post("/forget-requests/{request_id}/lift", dependencies=allowed(DECIDE))
    async def lift(request_id: str) -> Response:
        """Lift a forget request: the answer comes back."""
        record = await requests.move(request_id, Status.LIFTED)
        return json_response(await requests.view_after(record))

    @router.delete("/forget-requests/{request_id}", dependencies=allowed(FILE), status_code=202)
    async def withdraw(request_id: str) -> Response:
        """Withdraw a forget request before it is completed."""
        record = await requests.move(request_id, Status.CANCELLED)
        return json_response(await requests.view_after(record), 202)

    return router


def _wait(request: Request) -> tuple[float, bool]:
    """How long to wait for all gateways, in seconds, and whether for all engines too."""
    wait_s = query_number(request, "wait", 0.0, low=0.0, high=60.0)
    engines = request.query_params.get("wait_for", "gateways")
    if engines not in ("gateways", "engines"):
        raise InvalidRequest("wait_for must be gateways or engines.", param="wait_for")
    return wait_s, engines == "engines"
