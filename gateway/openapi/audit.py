"""What the routes on the audit, on outcomes and on traces take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from gateway.openapi.operation import Media, Operation, Query

_NUMBER = {"type": "integer", "minimum": 0, "maximum": 2**53}
_READING = frozenset({400, 503})


class AuditEnd(BaseModel):
    """Where the audit ended at a time."""

    epoch: str
    number: int
    hash: str
    time: AwareDatetime


class AuditHead(BaseModel):
    """The same, signed: the signature is of `lethe audit head ` and the head as it stands here."""

    head: AuditEnd
    signature: str
    public_key: str


class SigningKey(BaseModel):
    """The key that signatures of this deployment are checked with, in base64."""

    algorithm: Literal["ed25519"]
    public_key: str


AUDIT: Mapping[str, Operation] = {
    "GET /admin/audit": Operation(
        {200: Media({"application/jsonl": {"type": "string"}})},
        query=(
            Query("after", _NUMBER, "The number of the entry to go on after."),
            Query("limit", {**_NUMBER, "minimum": 1}, "How many entries at most."),
        ),
        errors=_READING,
    ),
    "GET /admin/audit/head": Operation({200: AuditHead}, errors=frozenset({503})),
    "GET /admin/signing-key": Operation({200: SigningKey}),
}
"""By method and path."""
