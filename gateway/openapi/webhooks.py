"""What the routes on webhooks take and answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from gateway.openapi.operation import Operation
from gateway.registry.hooks import Event
from gateway.webhooks.ordering import RecipientOrder

_ALL = "/admin/recipients"
_ONE = f"{_ALL}/{{recipient_id}}"
_CHANGED = frozenset({404, 409, 503})


class Recipient(BaseModel):
    """A recipient of webhooks, without its secret."""

    id: str
    name: str
    url: str
    events: list[Event]
    include_subject: bool
    created_time: AwareDatetime
    disabled: bool = Field(description="It has answered 410: it is told nothing until it is back.")


class NewRecipient(Recipient):
    """A recipient with its secret, which is shown this once."""

    secret: str
    public_key: str = Field(description="The deployment's, as Standard Webhooks writes it.")


class Recipients(BaseModel):
    """The recipients of webhooks."""

    items: list[Recipient]
    public_key: str


class Tested(BaseModel):
    """What a recipient answered to a test."""

    id: str
    delivered: bool
    status: int | None
    error: str | None


class Delivery(BaseModel):
    """What became of one event on its way to one target."""

    id: str = Field(description="The webhook-id that the target sees at every try.")
    event: Event
    sequence: int
    version: int
    recipient: str | None = Field(description="Null for a callback of the filing.")
    host: str
    state: Literal["waiting", "delivered", "given_up"]
    tries: int
    last_status: int | None
    last_error: str | None
    last_time: AwareDatetime | None
    next_time: AwareDatetime | None


class Deliveries(BaseModel):
    """What was delivered about a forget request, in the order of events."""

    items: list[Delivery]
    public_key: str


WEBHOOKS: Mapping[str, Operation] = {
    f"POST {_ALL}": Operation(
        {201: NewRecipient}, body=RecipientOrder, errors=frozenset({409, 503})
    ),
    f"GET {_ALL}": Operation({200: Recipients}, errors=frozenset({503})),
    f"DELETE {_ONE}": Operation({204: None}, errors=frozenset({404, 503})),
    f"POST {_ONE}/rotate-secret": Operation({200: NewRecipient}, errors=_CHANGED),
    f"POST {_ONE}/test": Operation({200: Tested}, errors=_CHANGED),
    "GET /admin/forget-requests/{request_id}/deliveries": Operation(
        {200: Deliveries}, errors=frozenset({400, 404, 503})
    ),
}
"""By method and path."""
