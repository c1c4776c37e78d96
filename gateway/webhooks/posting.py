"""Says something to one target: the body, signed, sent once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.registry.hooks import Delivery, Recipient
from gateway.registry.redis_store import RedisRegistry
from gateway.times import timestamp
from gateway.webhooks.events import subject_part
from gateway.webhooks.making import filing_at
from gateway.webhooks.sending import Outcome, Sender
from gateway.webhooks.signatures import signed_headers


@dataclass(frozen=True, slots=True)
class Post:
    """Signs for the deployment by `sign`, and with the secret of the recipient."""

    registry: RedisRegistry
    sender: Sender
    sign: Callable[[bytes], bytes]

    async def attempt(
        self, delivery: Delivery, time: datetime, recipients: Mapping[str, Recipient]
    ) -> Outcome:
        """Try a delivery once; raises what the registry raises, where that has to be asked."""
        if delivery.url is not None:
            return await self._said(delivery.id, time, delivery.url, delivery.body, ())
        recipient = recipients.get(delivery.recipient or "")
        if recipient is None or recipient.disabled:
            return Outcome(error="removed" if recipient is None else "disabled")
        body = delivery.body
        if recipient.include_subject:
            # Read at the last moment: what waits holds nobody's name.
            record = await self.registry.get(delivery.request_id)
            body = body | subject_part(await filing_at(self.registry, record, delivery.version))
        return await self._said(delivery.id, time, recipient.url, body, _secrets(recipient, time))

    async def test(self, recipient: Recipient) -> Outcome:
        """Tell a recipient that this is a test, at once and without another try."""
        time = await self.registry.deliveries.time()
        body = {"event": "test", "time": timestamp(time), "recipient": recipient.id}
        name = f"msg_test_{secrets.token_hex(12)}"
        return await self._said(name, time, recipient.url, body, _secrets(recipient, time))

    async def _said(
        self,
        name: str,
        time: datetime,
        url: str,
        content: Mapping[str, Any],
        shared: Sequence[str],
    ) -> Outcome:
        body = orjson.dumps(content)
        headers = signed_headers(name, time, body, shared=shared, sign=self.sign)
        return await self.sender.send(url, headers, body)


def _secrets(recipient: Recipient, time: datetime) -> Sequence[str]:
    """The secrets that a recipient may check a signature with."""
    until, previous = recipient.previous_until, recipient.previous
    if previous is None or until is None or until < time:
        return (recipient.secret,)
    return recipient.secret, previous
