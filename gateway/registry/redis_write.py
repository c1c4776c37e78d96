"""Writing forget requests to Redis: filing, proposing, moving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.registry import common, keys
from gateway.registry.cipher import Cipher
from gateway.registry.codec import (
    read_record,
    seal_steering,
    sealed_texts,
    submission,
    to_microseconds,
)
from gateway.registry.models import MAX_PENDING, MOVES, VERSION, Draft, Record, Status
from gateway.registry.redis_ledger import RedisLedger, hash_of


class RecordWriter:
    """Appends forget requests to the ledger and moves them on; one script for each."""

    def __init__(self, ledger: RedisLedger, cipher: Cipher) -> None:
        self._ledger = ledger
        self._cipher = cipher

    async def file(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing; False when this subject_request_id had been filed before."""
        lookup, content = submission(draft.filing, self._cipher)
        tag, *rest = await self._ledger.change(
            "file",
            [
                keys.request(draft.id),
                keys.index(None),
                keys.index(Status.IN_PROGRESS),
                keys.OPEN,
                keys.SUBMISSIONS,
                keys.REQUEST,
            ],
            [
                draft.id,
                VERSION,
                lookup,
                content,
                to_microseconds(draft.received_time),
                to_microseconds(draft.expected_completion_time),
                *sealed_texts(draft, VERSION, self._cipher),
            ],
        )
        return self._filed(draft, Status.IN_PROGRESS, tag, rest)

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        tag, *rest = await self._ledger.change(
            "propose",
            [
                keys.request(draft.id),
                keys.index(None),
                keys.index(Status.PENDING),
                keys.SUBMISSIONS,
                keys.REQUEST,
            ],
            [
                draft.id,
                VERSION,
                self._cipher.lookup("proposal:" + draft.filing.folded_name),
                MAX_PENDING,
                to_microseconds(draft.received_time),
                to_microseconds(draft.expected_completion_time),
                *sealed_texts(draft, VERSION, self._cipher),
            ],
        )
        if tag == b"full":
            raise common.too_many_pending()
        return self._filed(draft, Status.PENDING, tag, rest)

    async def move(self, request_id: str, to: Status) -> Record:
        """Approve, deny, lift or cancel a request."""
        tag, *rest = await self._ledger.change(
            "move",
            [keys.request(request_id), keys.OPEN, keys.INDEX_BY_STATUS],
            [request_id, to.value, *(status.value for status in MOVES.get(to, ()))],
        )
        if tag == b"absent":
            raise common.no_request(request_id)
        if tag == b"conflict":
            raise common.immovable(request_id, Status(rest[0].decode()), to)
        self._ledger.saw(rest[0])
        return read_record(request_id, hash_of(rest[1]), self._cipher)

    async def steer(self, record: Record, steering: bytes) -> Record:
        """Keep steering vectors beside a record as it was read."""
        tag, *rest = await self._ledger.change(
            "steer",
            [keys.request(record.id), keys.OPEN],
            [record.id, record.revision, seal_steering(record, steering, self._cipher)],
        )
        if tag == b"absent":
            raise common.no_request(record.id)
        if tag == b"conflict":
            raise common.changed_since(record.id)
        self._ledger.saw(rest[0])
        return read_record(record.id, hash_of(rest[1]), self._cipher)

    def _filed(
        self, draft: Draft, status: Status, tag: bytes, rest: Sequence[Any]
    ) -> tuple[Record, bool]:
        """What a script that files has answered."""
        if tag == b"conflict":
            raise common.reused()
        if tag == b"taken":
            raise common.taken("a forget request", draft.id)
        if tag == b"known":
            return read_record(rest[0].decode(), hash_of(rest[1]), self._cipher), False
        return draft.recorded(self._ledger.saw(rest[0]), status), True
