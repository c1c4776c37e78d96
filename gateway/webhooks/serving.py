"""Serves one target: what is due there is sent, and ended or put off."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.errors import NotFound
from gateway.registry.audit import Deed
from gateway.registry.errors import RegistryError
from gateway.registry.hooks import Delivery, Recipient
from gateway.registry.redis_store import RedisRegistry
from gateway.webhooks.posting import Post
from gateway.webhooks.retrying import after

log = logging.getLogger(__name__)

_AT_ONCE = 4
"""Lanes of one target that are served at a time."""
_HELD_UP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Serving:
    """Tries what is due. `by` names this gateway in the audit, `counted` is told of every try."""

    registry: RedisRegistry
    post: Post
    by: str
    counted: Callable[[str], None]

    async def some(self, target: str) -> Sequence[BaseException] | None:
        """Try some of what is due at a target; None where nothing is.

        Returns what went wrong on our side; those deliveries are taken up again by themselves.
        """
        # Whoever took a delivery is done with it by the end of its lease, or is no more.
        lease = timedelta(seconds=2 * self.post.sender.timeout_s)
        began = time.monotonic()
        now, taken = await self.registry.deliveries.take(target, _AT_ONCE, lease)
        if not taken:
            return None
        recipients = {each.id: each for each in await self.registry.recipients.all()}

        def clock() -> datetime:
            return now + timedelta(seconds=time.monotonic() - began)

        tried = await asyncio.gather(
            *(self._deliver(each, clock, recipients) for each in taken), return_exceptions=True
        )
        return [error for error in tried if error is not None]

    async def _deliver(
        self,
        delivery: Delivery,
        clock: Callable[[], datetime],
        recipients: Mapping[str, Recipient],
    ) -> None:
        queue = self.registry.deliveries
        outcome = await self.post.attempt(delivery, clock(), recipients)
        tried, delay = after(delivery, outcome, clock(), random.random())
        if delay is not None:
            await queue.again(tried, delay)
            self.counted("failed")
            return
        try:
            ended = await queue.done(tried, self._deed(tried))
        except RegistryError:
            # The audit cannot be told: what arrived must not arrive again every few seconds.
            await queue.again(delivery, _HELD_UP)
            raise
        if ended:
            self.counted(tried.state)
            if tried.state == "given_up":
                log.warning("A webhook about %s was given up.", delivery.request_id)
        if outcome.gone and delivery.recipient is not None:
            await self._disable(delivery.recipient)

    async def _disable(self, recipient: str) -> None:
        """Tell a recipient nothing more that says it is gone."""
        try:
            await self.registry.recipients.change(
                recipient, "recipient_disabled", self.by, lambda r: replace(r, disabled=True)
            )
        except NotFound:
            return
        await self.registry.deliveries.hurry(recipient)

    def _deed(self, tried: Delivery) -> Deed:
        details = {
            "delivery": tried.id,
            "event": tried.event,
            "sequence": tried.sequence,
            "recipient": tried.recipient,
            "tries": tried.tries,
            "status": tried.last_status,
            "error": tried.last_error,
        }
        return Deed(f"webhook_{tried.state}", self.by, tried.request_id, tried.version, details)
