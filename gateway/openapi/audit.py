"""What the routes on the audit, on outcomes and on traces take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

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


class OutcomeHour(BaseModel):
    """What became of requests in one hour: by forget request, `*` for all, and by outcome."""

    hour: AwareDatetime
    entry: int | None = Field(description="The entry of the audit that closed it.")
    intact: bool | None = Field(description="Whether the counts are those that the audit names.")
    sha256: str
    counts: dict[str, dict[str, int]]


class Outcomes(BaseModel):
    """Hours with counts, oldest first."""

    items: list[OutcomeHour]
    next_since: AwareDatetime | None = Field(description="Asks for the hours that follow.")


class Trace(BaseModel):
    """A sampled request: what was asked, the verdict, how the reply began."""

    model_config = ConfigDict(extra="allow")

    id: str
    time: AwareDatetime
    outcome: str
    conversations: list[list[dict[str, str]]]
    reply: str


class Traces(BaseModel):
    """Sampled requests, oldest first."""

    items: list[Trace]
    next_since: AwareDatetime | None = Field(description="Asks for those that follow.")


_BETWEEN = (
    Query("since", {"type": "string", "format": "date-time"}, "Only those from then on."),
    Query("until", {"type": "string", "format": "date-time"}, "Only those before."),
)

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
    "GET /admin/audit/outcomes": Operation(
        {200: Outcomes},
        query=(
            Query("id", {"type": "string"}, "Only the counts of this forget request, or of `*`."),
            *_BETWEEN,
            Query("limit", {"type": "integer", "minimum": 1, "maximum": 744}, "Hours at most."),
        ),
        errors=_READING,
    ),
    "GET /admin/traces": Operation(
        {200: Traces},
        query=(
            *_BETWEEN,
            Query(
                "limit", {"type": "integer", "minimum": 1, "maximum": 1_000}, "How many at most."
            ),
        ),
        errors=_READING,
    ),
    "GET /admin/signing-key": Operation({200: SigningKey}),
}
"""By method and path."""
