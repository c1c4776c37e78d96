"""The ids that a request is known by."""

from __future__ import annotations

import re
import uuid

from fastapi import Request

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_ids(request: Request) -> tuple[str, str]:
    """The id that the client is shown, and the one that travels upstream.

    The client's own id is kept for its logs; upstream it gets a suffix, because the engine
    must never see the same id twice.
    """
    own = uuid.uuid4().hex
    given = request.headers.get("x-request-id", "")
    return (given, f"{given}-{own[:8]}") if _REQUEST_ID.fullmatch(given) else (own, own)
