"""Recipients of webhooks over HTTP, and what was delivered about a forget request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.http import json_body, json_response, known_query, validated
from gateway.parts import Parts
from gateway.registry.hooks import EVENTS, Delivery, Recipient
from gateway.roles import INSPECT, OPERATE, READ
from gateway.times import timestamp
from gateway.webhooks.addresses import Reach
from gateway.webhooks.ordering import RecipientOrder
from gateway.webhooks.signatures import new_secret, public_key

_OLD_SECRET = timedelta(hours=24)
_ONE = "/recipients/{recipient_id}"


def recipients_router(parts: Parts) -> APIRouter:
    """Register, list, test and remove recipients."""
    router = APIRouter()
    allowed = parts.access.dependencies

    @router.post("/recipients", dependencies=allowed(OPERATE), status_code=201)
    async def register(request: Request) -> Response:
        """Register a recipient of webhooks; the answer holds its secret, this once."""
        known_query(request)
        order = validated(RecipientOrder, await json_body(request, parts.settings.max_body))
        made = await order.recipient(Reach.of(parts.settings), datetime.now(UTC))
        made = await parts.recipients.add(made, request.state.caller.id)
        return json_response(_secret_view(made, parts), 201)

    @router.get("/recipients", dependencies=allowed(INSPECT))
    async def listing() -> Response:
        """The recipients of webhooks, without their secrets."""
        items = [recipient_view(each) for each in await parts.recipients.all()]
        key = public_key(parts.signer.public_key)
        return json_response({"items": items, "public_key": key})

    @router.delete(_ONE, dependencies=allowed(OPERATE), status_code=204)
    async def remove(request: Request, recipient_id: str) -> Response:
        """Remove a recipient; what waits for it is given up."""
        await parts.recipients.remove(recipient_id, request.state.caller.id)
        await parts.deliveries.hurry(recipient_id)
        return Response(status_code=204)

    @router.post(f"{_ONE}/rotate-secret", dependencies=allowed(OPERATE))
    async def rotate(request: Request, recipient_id: str) -> Response:
        """Give a recipient another secret; the one before is signed with as well for a day."""
        secret, until = new_secret(), await parts.deliveries.time() + _OLD_SECRET

        def changed(found: Recipient) -> Recipient:
            return replace(found, secret=secret, previous=found.secret, previous_until=until)

        by = request.state.caller.id
        made = await parts.recipients.change(recipient_id, "recipient_secret_rotated", by, changed)
        return json_response(_secret_view(made, parts))

    @router.post(f"{_ONE}/test", dependencies=allowed(OPERATE))
    async def test(request: Request, recipient_id: str) -> Response:
        """Send a recipient a test, and tell what it answered.

        One that arrives enables a recipient that was gone, and has what waits for it sent at once.
        """
        recipient = await parts.recipients.get(recipient_id)
        outcome = await parts.dispatcher.test(recipient, request.state.caller.id)
        return json_response(
            {
                "id": recipient_id,
                "delivered": outcome.delivered,
                "status": outcome.status,
                "error": outcome.error,
            }
        )

    @router.get("/forget-requests/{request_id}/deliveries", dependencies=allowed(READ))
    async def deliveries(request: Request, request_id: str) -> Response:
        """What was delivered about a forget request, what waits, and what was given up."""
        known_query(request)  # all come at once
        await parts.registry.get(request_id)
        items = [delivery_view(each, due) for each, due in await parts.deliveries.of(request_id)]
        key = public_key(parts.signer.public_key)
        return json_response({"items": items, "public_key": key})

    return router


def recipient_view(recipient: Recipient) -> dict[str, Any]:
    """A recipient as it is shown; its secret is not."""
    events = EVENTS if recipient.events is None else recipient.events
    return {
        "id": recipient.id,
        "name": recipient.name,
        "url": recipient.url,
        "events": [event for event in EVENTS if event in events],
        "include_subject": recipient.include_subject,
        "created_time": timestamp(recipient.created_time),
        "disabled": recipient.disabled,
    }


def delivery_view(delivery: Delivery, due: datetime | None) -> dict[str, Any]:
    """A delivery as it is shown: of the target only its host, since an address may be a secret."""
    return {
        "id": delivery.id,
        "event": delivery.event,
        "sequence": delivery.sequence,
        "version": delivery.version,
        "recipient": delivery.recipient,
        "host": delivery.host,
        "state": delivery.state,
        "tries": delivery.tries,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "last_time": timestamp(delivery.last_time),
        "next_time": timestamp(due),
    }


def _secret_view(recipient: Recipient, parts: Parts) -> dict[str, Any]:
    secret = {"secret": recipient.secret, "public_key": public_key(parts.signer.public_key)}
    return recipient_view(recipient) | secret
