"""What the routes under `/admin`, and those on health, take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.issuing import KeyOrder
from gateway.openapi.answers import (
    Alive,
    DryRun,
    Explanation,
    ForgetRequest,
    ForgetRequests,
    Keys,
    NewForgetRequest,
    NewKey,
    Readiness,
    RevokedKey,
    SystemStatus,
)
from gateway.openapi.audit import AUDIT
from gateway.openapi.life import CHANGED, LIFE, WAIT
from gateway.openapi.operation import Media, Operation, Query
from gateway.openapi.v1 import CHAT
from gateway.registry.filing import REGULATIONS
from gateway.registry.models import Status

_DRY_RUN = Query("dry_run", {"type": "boolean"}, "Tell what it would block, and file nothing.")
_MOMENT = {"type": "string", "format": "date-time"}
_PAGE = (
    Query("status", {"type": "string", "enum": list(Status)}, "Only those that stand there."),
    Query("regulation", {"type": "string", "enum": list(REGULATIONS)}, "Only those under it."),
    Query("subject", {"type": "string"}, "Only those about the subject with this name."),
    Query("subject_request_id", {"type": "string", "format": "uuid"}, "Only the one with it."),
    Query("overdue", {"type": "boolean"}, "Only those unanswered past their due date."),
    Query("received_since", _MOMENT, "Only those that were received then or later."),
    Query("received_until", _MOMENT, "Only those that were received before."),
    Query("limit", {"type": "integer", "minimum": 1, "maximum": 1_000}, "How many at most."),
    Query("cursor", {"type": "string"}, "`next_cursor` of the page before."),
)
_TEXT: Mapping[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
}

ADMIN: Mapping[str, Operation] = {
    **LIFE,
    **AUDIT,
    "POST /admin/forget-requests": Operation(
        {201: ForgetRequest, 200: ForgetRequest | DryRun},
        body=NewForgetRequest,
        query=(*WAIT, _DRY_RUN),
        errors=frozenset({409, 501, 503}),
    ),
    "GET /admin/forget-requests": Operation(
        {200: ForgetRequests}, query=_PAGE, errors=frozenset({503})
    ),
    "GET /admin/forget-requests/{request_id}": Operation(
        {200: ForgetRequest}, errors=frozenset({404, 503})
    ),
    "PATCH /admin/forget-requests/{request_id}": Operation(
        {200: ForgetRequest}, body={"type": "object"}, query=WAIT, errors=CHANGED
    ),
    "DELETE /admin/forget-requests/{request_id}": Operation({202: ForgetRequest}, errors=CHANGED),
    "POST /admin/explain": Operation(
        {200: Explanation}, body={"anyOf": [_TEXT, CHAT]}, errors=frozenset({503})
    ),
    "GET /admin/status": Operation({200: SystemStatus}),
    "DELETE /admin/gateways/{gateway_id}": Operation({204: None}, errors=CHANGED),
    "POST /admin/keys": Operation({201: NewKey}, body=KeyOrder, errors=frozenset({409, 503})),
    "GET /admin/keys": Operation({200: Keys}, errors=frozenset({503})),
    "DELETE /admin/keys/{key_id}": Operation(
        {200: RevokedKey}, query=WAIT[:1], errors=frozenset({404, 503})
    ),
    "GET /healthz": Operation({200: Alive}),
    "GET /readyz": Operation({200: Readiness, 503: Readiness}),
    "GET /metrics": Operation({200: Media({"text/plain": {"type": "string"}})}),
    "GET /openapi.json": Operation({200: {"type": "object"}}),
}
"""By method and path."""
