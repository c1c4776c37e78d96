"""Deliveries of webhooks in Redis: made of the audit, handed out when due, ended or put off.

Redis' clock alone says what is due, whatever the gateways' clocks say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.registry import keys
from gateway.registry.audit import Deed, Entry, entry_of, hash_of
from gateway.registry.cipher import Cipher
from gateway.registry.codec import from_microseconds
from gateway.registry.errors import AuditBroken, RegistryError, Unreadable
from gateway.registry.hooks import Delivery, open_delivery, seal_delivery
from gateway.registry.models import Record
from gateway.registry.redis_audit import RedisAudit
from gateway.registry.redis_ledger import RedisLedger
from gateway.registry.redis_link import RedisLink
from gateway.registry.redis_read import RecordReader

log = logging.getLogger(__name__)

_LONGEST = timedelta(hours=48)
"""By which nothing is ever put off."""
_TARGETS = 1_000
"""That are looked at at a time; those that are due come first."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the audit, and the hash of its line."""

    entry: Entry
    hash: str


class RedisDeliveries:
    """What waits to be delivered, and what became of it."""

    def __init__(
        self, link: RedisLink, ledger: RedisLedger, reader: RecordReader, cipher: Cipher
    ) -> None:
        self._link = link
        self._ledger = ledger
        self._audit = RedisAudit(ledger)
        self._reader = reader
        self._cipher = cipher

    def lookup(self, text: str) -> str:
        """Keyed hash (hex) of an address, or of what makes an id."""
        return self._cipher.lookup(f"webhook:{text}")

    async def untold(self, limit: int, block_s: float) -> tuple[int, Sequence[Told]]:
        """The cursor, and the entries of the audit that follow it; waits for the first.

        Only what a failover cannot lose any more: nobody is told of what has not happened. Raises
        `AuditBroken` for entries that are not as they were written, or do not follow.
        """
        _, _, (stored,) = await self._ledger.read(("GET", keys.WEBHOOKS_CURSOR))
        cursor = int(stored or 0)
        confirmed = await self._link.wait(keys.AUDIT, f"{cursor}-0", limit, block_s)
        if not confirmed:
            return cursor, ()
        lines = await self._audit.lines(cursor, len(confirmed))
        found = [Told(entry_of(line), hash_of(line)) for line in lines]
        for expected, told in enumerate(found, start=cursor + 1):
            if told.entry.number != expected:
                raise AuditBroken(
                    f"Entry {expected} of the audit is missing: nobody can be told of what it "
                    "said. Restore the newest backup, and compare it with an export."
                )
        return cursor, found

    async def records(self, ids: Sequence[str]) -> dict[str, Record]:
        """The records with these ids that can be read; the others are left out, and logged."""
        try:
            return {record.id: record for record in await self._reader.every(ids)}
        except Unreadable:
            found = [await self._readable(request_id) for request_id in ids]
        return {record.id: record for record in found if record is not None}

    async def enqueue(self, cursor: int, to: int, deliveries: Sequence[Delivery]) -> bool:
        """Let deliveries wait, and move the cursor; False where somebody else has moved it."""
        args: list[str | int | bytes] = [cursor, to]
        sealed = await asyncio.to_thread(
            lambda: [seal_delivery(each, self._cipher) for each in deliveries]
        )
        for each, text in zip(deliveries, sealed, strict=True):
            args += [each.request_id, each.target, each.lane, each.id, text]
        names = (
            keys.WEBHOOKS_CURSOR,
            keys.WEBHOOKS_TARGETS,
            keys.WEBHOOKS_DUE,
            keys.WEBHOOKS_LANE,
            keys.DELIVERIES,
            keys.WEBHOOKS_WAITING,
        )
        tag, *_ = await self._ledger.run("webhooks_enqueue", names, args)
        return bool(tag == b"ok")

    async def due(self) -> tuple[int, Sequence[str]]:
        """How many deliveries wait, and the targets for which some are due."""
        _, _, ((seconds, micros), waiting, first, last) = await self._ledger.read(
            ("TIME",),
            ("GET", keys.WEBHOOKS_WAITING),
            ("ZRANGE", keys.WEBHOOKS_TARGETS, 0, _TARGETS, "WITHSCORES"),
            ("ZREVRANGE", keys.WEBHOOKS_TARGETS, 0, _TARGETS, "WITHSCORES"),
        )
        now = int(seconds) * 1_000_000 + int(micros)
        # What is put off by longer than anything is was so before the clock was set back.
        far = now + _micro(_LONGEST)
        scored = [*first, *last]  # each target, and then when it is due
        due = [
            target.decode()
            for target, score in zip(scored[::2], scored[1::2], strict=True)
            if not now < float(score) < far
        ]
        return int(waiting or 0), list(dict.fromkeys(due))

    async def take(
        self, target: str, most: int, lease: timedelta
    ) -> tuple[datetime, Sequence[Delivery]]:
        """The time, and the first deliveries of lanes that are due at a target.

        They fall to somebody else where they are not ended or put off within the lease.
        """
        names = (
            keys.WEBHOOKS_TARGETS,
            keys.WEBHOOKS_DUE + target,
            keys.WEBHOOKS_LANE,
            keys.DELIVERIES,
        )
        args = [target, most, _micro(lease), _micro(_LONGEST)]
        _, time, taken = await self._ledger.run("webhooks_take", names, args)
        found = (self._opened(name.decode(), sealed) for name, sealed in taken)
        return from_microseconds(time), [each for each in found if each is not None]

    async def again(self, delivery: Delivery, delay: timedelta) -> None:
        """Put a delivery off that did not arrive."""
        names = (
            keys.WEBHOOKS_TARGETS,
            keys.WEBHOOKS_DUE + delivery.target,
            keys.WEBHOOKS_LANE + delivery.lane,
            keys.DELIVERIES + delivery.request_id,
        )
        sealed = seal_delivery(delivery, self._cipher)
        args = [delivery.target, delivery.lane, delivery.id, sealed, _micro(delay)]
        await self._ledger.run("webhooks_again", names, args)

    async def done(self, delivery: Delivery, deed: Deed) -> bool:
        """End a delivery, and tell the audit; False where somebody else has ended it."""
        names = (
            keys.WEBHOOKS_TARGETS,
            keys.WEBHOOKS_DUE + delivery.target,
            keys.WEBHOOKS_LANE + delivery.lane,
            keys.DELIVERIES + delivery.request_id,
            keys.WEBHOOKS_WAITING,
        )
        sealed = seal_delivery(delivery, self._cipher)
        args: list[str | int | bytes] = [delivery.target, delivery.lane, delivery.id, sealed]
        args.append(delivery.request_id)
        tag, *_ = await self._ledger.change("webhooks_done", names, args, deed)
        return bool(tag == b"ok")

    async def hurry(self, target: str) -> None:
        """Make due at once whatever waits for a target."""
        names = (keys.WEBHOOKS_TARGETS, keys.WEBHOOKS_DUE + target)
        await self._ledger.run("webhooks_hurry", names, [target])

    async def of(self, request_id: str) -> Sequence[tuple[Delivery, datetime | None]]:
        """All deliveries about a request in the order of events, and when one is tried next."""
        _, _, (sealed,) = await self._ledger.read(("HGETALL", keys.DELIVERIES + request_id))
        found = [open_delivery(i.decode(), each, self._cipher) for i, each in sealed.items()]
        found.sort(key=lambda delivery: (delivery.sequence, delivery.id))
        first: dict[str, Delivery] = {}
        for delivery in found:
            if delivery.state == "waiting":
                first.setdefault(delivery.lane, delivery)
        if not first:
            return [(delivery, None) for delivery in found]
        commands = [("ZSCORE", keys.WEBHOOKS_DUE + d.target, d.lane) for d in first.values()]
        _, _, scores = await self._ledger.read(*commands)
        due = {
            delivery.id: from_microseconds(int(float(score)))
            for delivery, score in zip(first.values(), scores, strict=True)
            if score is not None
        }
        return [(delivery, due.get(delivery.id)) for delivery in found]

    async def time(self) -> datetime:
        """Redis' clock."""
        ((seconds, micros),) = await self._link.read(("TIME",))
        return from_microseconds(seconds * 1_000_000 + micros)

    async def _readable(self, request_id: str) -> Record | None:
        try:
            (record,) = await self._reader.several([request_id])
        except Unreadable as error:  # others must not wait for it
            log.error("Webhooks about %s are left out: %s", request_id, error)
            return None
        return record

    def _opened(self, delivery_id: str, sealed: bytes) -> Delivery | None:
        try:
            return open_delivery(delivery_id, sealed, self._cipher)
        except RegistryError as error:  # others must not wait for it
            log.error("A delivery of a webhook is left alone: %s", error)
            return None


def _micro(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
