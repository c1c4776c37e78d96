"""What the other routes under `/admin`, and those on health, take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.issuing import KeyOrder
from gateway.openapi.answers import (
    Alive,
    Explanation,
    Keys,
    NewKey,
    Readiness,
    RevokedKey,
    SystemStatus,
)
from gateway.openapi.audit import AUDIT
from gateway.openapi.operation import Media, Operation
from gateway.openapi.requests import CHANGED, WAIT
from gateway.openapi.v1 import CHAT

_TEXT: Mapping[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
}

ADMIN: Mapping[str, Operation] = {
    **AUDIT,
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
