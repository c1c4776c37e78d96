"""What the routes on forget requests take and answer."""

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
from gateway.openapi.answers import (
    DryRun,
    Events,
    ForgetRequest,
    ForgetRequests,
    NewForgetRequest,
    Note,
    Notes,
    Versions,
)
from gateway.openapi.operation import Kind, Media, Operation, Query
from gateway.registry.filing import REGULATIONS
from gateway.registry.status import Status
from gateway.rows import TYPES

_SECONDS = {"type": "number", "minimum": 0, "maximum": 60}
_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_SWITCH = {"type": "boolean"}
WAIT = (
    Query("wait", _SECONDS, "Seconds to wait until all gateways have acknowledged."),
    Query(
        "wait_for",
        {"type": "string", "enum": ["gateways", "engines"]},
        "Whether to wait for all layers as well.",
    ),
)
_PAGE = (
    Query("status", {"type": "string", "enum": list(Status)}, "Only those that stand there."),
    Query("regulation", {"type": "string", "enum": list(REGULATIONS)}, "Only those under it."),
    Query("subject", _TEXT, "Only those filed under this name, however written; no aliases."),
    Query("subject_request_id", {**_TEXT, "format": "uuid"}, "Only the one filed with it."),
    Query("overdue", _SWITCH, "Only those past their due date."),
    Query("received_since", _TIME, "Only those received then or later."),
    Query("received_until", _TIME, "Only those received before; a date means its beginning."),
    Query("limit", {"type": "integer", "minimum": 1, "maximum": 1_000}, "How many at most."),
    Query("cursor", _TEXT, "`next_cursor` of the page before."),
)
_DRY_RUN = Query("dry_run", _SWITCH, "Tell what it would block, and file nothing.")
_LINES = Media({"application/jsonl": {"type": "string"}, "text/csv": {"type": "string"}})
_FORMAT = Query("format", {"type": "string", "enum": list(TYPES)}, "JSON lines, or CSV.")
_READ = frozenset({404, 503})
CHANGED = frozenset({404, 409, 503})

_ALL = "/admin/forget-requests"
_ONE = f"{_ALL}/{{request_id}}"

_NONE: Mapping[str, str] = {}
_MEANT = {"If-Match": "The version that is meant; 409 where there is another by now."}


def _decided(body: Kind, *query: Query, headers: Mapping[str, str] = _NONE) -> Operation:
    return Operation(
        {200: ForgetRequest},
        body=body,
        optional=True,
        query=query,
        headers=headers,
        errors=CHANGED,
    )


REQUESTS: Mapping[str, Operation] = {
    f"POST {_ALL}": Operation(
        {201: ForgetRequest, 200: ForgetRequest | DryRun},
        body=NewForgetRequest,
        query=(*WAIT, _DRY_RUN),
        errors=frozenset({409, 503}),
    ),
    f"GET {_ALL}": Operation({200: ForgetRequests}, query=_PAGE, errors=frozenset({503})),
    f"POST {_ALL}/import": Operation(
        {200: _LINES},
        body=_LINES,
        query=(
            Query("dry_run", _SWITCH, "Validate each line, and file nothing."),
            _FORMAT,
        ),
        errors=frozenset({503}),
    ),
    f"GET {_ALL}/export": Operation(
        {200: _LINES}, query=(*_PAGE[:-2], _FORMAT), errors=frozenset({503})
    ),
    f"GET {_ONE}": Operation({200: ForgetRequest}, errors=_READ),
    f"PATCH {_ONE}": Operation(
        {200: ForgetRequest},
        body={"type": "object", "description": "A JSON merge patch (RFC 7396) of what was filed."},
        headers=_MEANT,
        query=WAIT,
        errors=CHANGED,
    ),
    f"DELETE {_ONE}": Operation({202: ForgetRequest}, errors=CHANGED),
    f"POST {_ONE}/verify-identity": _decided(Decision),
    f"POST {_ONE}/approve": _decided(Approving, *WAIT, headers=_MEANT),
    f"POST {_ONE}/deny": _decided(Denying),
    f"POST {_ONE}/pause": _decided(Pausing),
    f"POST {_ONE}/resume": _decided(Decision, *WAIT),
    f"POST {_ONE}/lift": _decided(Lifting),
    f"POST {_ONE}/extend": _decided(Extending),
    f"POST {_ONE}/notes": Operation({201: Note}, body=Noting, errors=_READ),
    f"GET {_ONE}/notes": Operation({200: Notes}, errors=_READ | {400}),
    f"GET {_ONE}/versions": Operation({200: Versions}, query=_PAGE[-2:], errors=_READ),
    f"GET {_ONE}/events": Operation({200: Events}, query=_PAGE[-2:], errors=_READ),
}
"""By method and path."""
