"""API keys over HTTP: issued, listed, revoked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.admin.following import followed
from gateway.admin.polling import pauses
from gateway.admin.views import acknowledged
from gateway.caller import Caller
from gateway.errors import RegistryUnavailable
from gateway.http import json_body, json_response, known_query, query_number, validated
from gateway.issuing import KeyOrder, check_grant
from gateway.parts import Parts
from gateway.registry.errors import RegistryError
from gateway.registry.models import ApiKey, Replica
from gateway.roles import INSPECT, OPERATE
from gateway.times import timestamp


def keys_router(parts: Parts) -> APIRouter:
    """Issue, list and revoke API keys."""
    router = APIRouter(prefix="/keys")
    allowed = parts.access.dependencies

    @router.post("", dependencies=allowed(OPERATE), status_code=201)
    async def issue(request: Request) -> Response:
        """Issue an API key; the answer holds it, this once."""
        known_query(request)
        order = validated(KeyOrder, await json_body(request, parts.settings.max_body))
        key, token = order.issue(parts.access.hash_key, datetime.now(UTC))
        maker: Caller = request.state.caller
        check_grant(key, maker)
        revision = await parts.registry.put_key(key, maker.id)
        # Whoever has the answer may use the key here at once. It is valid without that, and its
        # token must not be lost with an error.
        await followed(parts.enforcer, revision)
        return json_response(key_view(key) | {"key": token}, 201)

    @router.get("", dependencies=allowed(INSPECT))
    async def listing() -> Response:
        """The issued keys; their secrets are not kept."""
        keys = sorted(await parts.registry.keys(), key=lambda key: key.created_time)
        return json_response({"items": [key_view(key) for key in keys]})

    @router.delete("/{key_id}", dependencies=allowed(OPERATE))
    async def revoke(request: Request, key_id: str) -> Response:
        """Revoke a key; the answer tells how many gateways refuse it by now."""
        known_query(request, "wait")
        wait_s = query_number(request, "wait", 0.0, low=0.0, high=60.0)
        caller: Caller = request.state.caller
        revision = await parts.registry.drop_key(key_id, caller.id)
        await followed(parts.enforcer, revision)
        gateways = await _reached(parts, revision, wait_s)
        return json_response(
            {
                "id": key_id,
                "revoked": True,
                "revision": revision,
                "gateways": acknowledged(revision, gateways),
            }
        )

    return router


def key_view(key: ApiKey) -> dict[str, Any]:
    """An issued key as it is shown; what it is looked up by is not."""
    return {
        "id": key.id,
        "name": key.name,
        "roles": sorted(key.roles),
        "created_time": timestamp(key.created_time),
        "expires_time": timestamp(key.expires_time),
        "models": None if key.models is None else sorted(key.models),
        "requests_per_minute": key.requests_per_minute,
    }


async def _reached(parts: Parts, revision: int, wait_s: float) -> Sequence[Replica]:
    """The gateways, once all of them have acknowledged a revision or the time is up.

    The key is revoked: trouble with the registry ends the wait, and is no error.
    """
    deadline, pause = time.monotonic() + wait_s, pauses()
    gateways: Sequence[Replica] = ()
    with contextlib.suppress(RegistryUnavailable, RegistryError):
        gateways = await parts.registry.gateways()
        while any(g.revision < revision for g in gateways) and time.monotonic() < deadline:
            await asyncio.sleep(next(pause))
            gateways = await parts.registry.gateways()
    return gateways
