"""The recipients of webhooks in Redis: registered, changed, removed; each is sealed for its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gateway.errors import Conflict, NotFound
from gateway.registry import keys
from gateway.registry.audit import Deed
from gateway.registry.cipher import Cipher
from gateway.registry.hooks import MAX_RECIPIENTS, Recipient, open_recipient, seal_recipient
from gateway.registry.redis_ledger import RedisLedger

_TRIES = 20


class RedisRecipients:
    """Who has registered; every change is told in the audit."""

    def __init__(self, ledger: RedisLedger, cipher: Cipher) -> None:
        self._ledger = ledger
        self._cipher = cipher

    async def all(self) -> tuple[Recipient, ...]:
        """All recipients, the first one first."""
        _, _, (sealed,) = await self._ledger.read(("HGETALL", keys.RECIPIENTS))
        found = (open_recipient(i.decode(), each, self._cipher) for i, each in sealed.items())
        return tuple(sorted(found, key=lambda recipient: (recipient.created_time, recipient.id)))

    async def get(self, recipient_id: str) -> Recipient:
        """One recipient; raises `NotFound`."""
        return (await self._read(recipient_id))[0]

    async def add(self, recipient: Recipient, by: str) -> Recipient:
        """Register a recipient, to be told of what happens from here on.

        Raises `Conflict` where there are as many as may be.
        """
        _, _, (head,) = await self._ledger.read(("GET", keys.AUDIT_HEAD))
        recipient = replace(recipient, since=int((head or b"0").split(b" ")[0]))
        told = {
            "events": None if recipient.events is None else sorted(recipient.events),
            "include_subject": recipient.include_subject,
        }
        deed = Deed("recipient_created", by, recipient.id, details=told)
        tag = await self._put(recipient, b"", deed)
        if tag == b"full":
            raise Conflict(
                f"There are {MAX_RECIPIENTS} recipients of webhooks already; remove one first.",
                code="too_many_recipients",
            )
        return recipient

    async def change(
        self, recipient_id: str, action: str, by: str, changed: Callable[[Recipient], Recipient]
    ) -> Recipient:
        """Change a recipient as it stands, again where others were faster; raises `NotFound`."""
        for _ in range(_TRIES):
            found, sealed = await self._read(recipient_id)
            after = changed(found)
            if after == found:
                return found
            deed = Deed(action, by, recipient_id)
            if await self._put(after, sealed, deed) != b"conflict":
                return after
        raise Conflict(f"The recipient {recipient_id!r} has changed meanwhile.", code="changed")

    async def remove(self, recipient_id: str, by: str) -> None:
        """Remove a recipient; raises `NotFound`."""
        deed = Deed("recipient_removed", by, recipient_id)
        tag, *_ = await self._ledger.change(
            "drop_recipient", [keys.RECIPIENTS], [recipient_id], deed
        )
        if tag == b"absent":
            raise _unknown(recipient_id)

    async def _put(self, recipient: Recipient, before: bytes, deed: Deed) -> Any:
        sealed = seal_recipient(recipient, self._cipher)
        args: list[str | int | bytes] = [recipient.id, sealed, before, MAX_RECIPIENTS]
        tag, *_ = await self._ledger.change("put_recipient", [keys.RECIPIENTS], args, deed)
        return tag

    async def _read(self, recipient_id: str) -> tuple[Recipient, bytes]:
        _, _, (sealed,) = await self._ledger.read(("HGET", keys.RECIPIENTS, recipient_id))
        if sealed is None:
            raise _unknown(recipient_id)
        return open_recipient(recipient_id, sealed, self._cipher), sealed


def _unknown(recipient_id: str) -> NotFound:
    return NotFound(
        f"There is no recipient {recipient_id!r}; GET /admin/recipients lists them.",
        code="no_such_recipient",
    )
