"""What the routes take and answer that move a forget request through its life."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.admin.decisions import (
    Approving,
    Decision,
    Denying,
    Extending,
    Lifting,
    Noting,
    Pausing,
)
from gateway.openapi.answers import Events, ForgetRequest, Note, Notes, Versions
from gateway.openapi.operation import Kind, Operation, Query

_SECONDS = {"type": "number", "minimum": 0, "maximum": 60}
WAIT = (
    Query("wait", _SECONDS, "Seconds to wait until all gateways have acknowledged."),
    Query(
        "wait_for",
        {"type": "string", "enum": ["gateways", "engines"]},
        "Whether to wait for all layers as well.",
    ),
)
CHANGED = frozenset({404, 409, 503})
"""Errors of a route that changes something that has an id."""

_ONE = "/admin/forget-requests/{request_id}"


def _deciding(body: Kind, query: tuple[Query, ...] = ()) -> Operation:
    return Operation({200: ForgetRequest}, body=body | None, query=query, errors=CHANGED)


def _telling(answer: Kind) -> Operation:
    return Operation({200: answer}, errors=frozenset({404, 503}))


LIFE: Mapping[str, Operation] = {
    f"POST {_ONE}/verify-identity": _deciding(Decision),
    f"POST {_ONE}/approve": _deciding(Approving, WAIT),
    f"POST {_ONE}/deny": _deciding(Denying),
    f"POST {_ONE}/pause": _deciding(Pausing),
    f"POST {_ONE}/resume": _deciding(Decision, WAIT),
    f"POST {_ONE}/lift": _deciding(Lifting),
    f"POST {_ONE}/extend": _deciding(Extending),
    f"POST {_ONE}/notes": Operation({201: Note}, body=Noting, errors=CHANGED),
    f"GET {_ONE}/notes": _telling(Notes),
    f"GET {_ONE}/versions": _telling(Versions),
    f"GET {_ONE}/events": _telling(Events),
}
"""By method and path."""
