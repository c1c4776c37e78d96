"""What is answered, as far as it is promised, and what is filed; more fields may come along."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from gateway.registry.filing import Filing, Withheld
from gateway.registry.status import Status
from gateway.roles import Role


class ErrorBody(BaseModel):
    """What is wrong, and the way out."""

    message: str
    type: str
    param: str | None = Field(description="The field that is wrong.")
    code: str | None = Field(description="A word for programs.")


class Error(BaseModel):
    """Every error, in OpenAI's shape."""

    error: ErrorBody


class Acknowledged(BaseModel):
    """How many replicas are live, how many of all enforce a revision, how many are silent."""

    live: int
    acknowledged: int
    silent: int


class Enforcement(BaseModel):
    """What enforces a forget request, at this moment."""

    gateways: Acknowledged
    engines: Acknowledged
    layers: dict[str, str]
    embeddings: Literal["active", "inactive"] | None = Field(
        None, description="Of a blind request: whether they act beside its phrases."
    )


class ForgetRequest(Filing):
    """A forget request: what was filed, where it stands, and what enforces it."""

    model_config = ConfigDict(extra="allow")

    id: str
    revision: int
    version: int
    status: Status
    request_status: str = Field(description="The status in OpenDSR's words.")
    received_time: AwareDatetime
    expected_completion_time: AwareDatetime
    completed_time: AwareDatetime | None
    overdue: bool
    provisional: bool = Field(description="It acts while it waits for approval.")
    case: dict[str, Any] = Field(description="What was decided, by whom and why.")
    enforcement: Enforcement
    suspected: bool = Field(description="It acts on more prompts than one subject explains.")
    observed: int = Field(0, description="Prompts that touched a request which only observes.")


class Note(BaseModel):
    """What an officer wrote about a request."""

    time: AwareDatetime
    by: str
    text: str


class Notes(BaseModel):
    """The notes on a request, oldest first."""

    items: list[Note]


class Versions(BaseModel):
    """What was filed, version by version, the first one first."""

    items: list[dict[str, Any]]
    next_cursor: str | None = Field(description="Asks for the next page; null: this is the last.")


class Event(BaseModel):
    """What the audit tells of a request; `by` is the id of an API key, or who else did it."""

    number: int
    time: str
    by: str
    action: str
    version: int | None
    revision: int
    details: dict[str, Any]


class Events(BaseModel):
    """What happened to a request, oldest first."""

    items: list[Event]
    next_cursor: str | None = Field(description="Asks for the next page; null: this is the last.")


class NewForgetRequest(Filing):
    """What is filed; at least a name, a question, a passage, a fact or a forbidden string."""

    origin: SkipJsonSchema[Literal["api", "chat"]] = "api"
    withheld: SkipJsonSchema[Withheld | None] = None


class ForgetRequests(BaseModel):
    """A page of forget requests."""

    items: list[ForgetRequest]
    next_cursor: str | None = Field(description="Asks for the next page; null: this is the last.")


class Replies(BaseModel):
    """What a filing would stop of ordinary answers."""

    n: int
    stopped: int
    rate: float
    examples: list[dict[str, Any]]


class Sample(BaseModel):
    """What a filing would block of prompts that should stay answered."""

    n: int
    blocked: int
    already_blocked: int
    rate: float
    examples: list[dict[str, Any]]
    replies: Replies


class Held(BaseModel):
    """Why a filing waits for an approver."""

    reason: str
    rate: float
    replies_rate: float
    limit: float
    field: str | None = None


class DryRun(BaseModel):
    """What a filing would do; nothing was filed."""

    dry_run: Literal[True]
    valid: Literal[True]
    revision: int
    sample: Sample
    hold: Held | None


class Explanation(BaseModel):
    """What happens to a prompt, and why."""

    action: Literal["allow", "suppress", "refuse"]
    open_book: bool
    revision: int
    latency_ms: float
    matches: list[dict[str, Any]]
    spans_touched: list[list[int]]
    spans_clear: list[list[int]]
    thresholds: dict[str, float]
    nearest: list[dict[str, Any]]
    hits: list[dict[str, Any]]
    views: list[dict[str, Any]]


class GatewayStatus(BaseModel):
    """A gateway as the registry knows it."""

    id: str
    revision: int
    seen: AwareDatetime
    live: bool


class SystemStatus(BaseModel):
    """Which replicas enforce which revision, and which layers can act."""

    revision: int
    gateways: list[GatewayStatus]
    engines: list[dict[str, Any]]
    redis: str
    layers: dict[str, Any]
    calibration: dict[str, Any]
    problems: list[str]
    suspected: list[str] = Field(description="Requests that act on more than one subject explains.")


class Key(BaseModel):
    """An issued API key, without its secret."""

    id: str
    name: str
    roles: list[Role]
    created_time: AwareDatetime
    expires_time: AwareDatetime | None
    models: list[str] | None
    requests_per_minute: int | None


class NewKey(Key):
    """An API key with its secret, which is shown this once."""

    key: str


class Keys(BaseModel):
    """The issued API keys."""

    items: list[Key]


class RevokedKey(BaseModel):
    """A key that is revoked, and how many gateways are known to refuse it."""

    id: str
    revoked: Literal[True]
    revision: int
    gateways: Acknowledged


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether enforcement is assured; the rest is told to operators and auditors only."""

    status: Literal["ready", "not ready"]
    revision: int = 0
    problems: list[str] = []
    warnings: list[str] = []
