"""The ids that a request is known by."""

from __future__ import annotations

import uuid

from fastapi import Request

from gateway.telemetry.ids import RequestId, current


def request_ids(request: Request) -> tuple[str, str]:
    """The id that the client is shown, and the one that travels upstream.

    The client's own id is kept for its logs; upstream it gets a suffix, because the engine
    must never see the same id twice.
    """
    given = request.headers.get("x-request-id", "")
    shown = (current.get() or RequestId.of(given)).shown
    return (shown, f"{shown}-{uuid.uuid4().hex[:8]}") if shown == given else (shown, shown)
