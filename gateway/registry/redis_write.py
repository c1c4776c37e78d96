"""Writing forget requests to Redis: filing, proposing, amending, noting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.registry import common, keys
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Deed
from gateway.registry.cipher import Cipher
from gateway.registry.codec import (
    read_record,
    seal_case,
    seal_note,
    seal_steering,
    sealed_texts,
    subject_lookup,
    submission,
    to_microseconds,
)
from gateway.registry.filing import Filing
from gateway.registry.models import MAX_NOTES, MAX_PENDING, VERSION, Draft, Note, Record
from gateway.registry.redis_ledger import RedisLedger, hash_of
from gateway.registry.status import Status

_TO_ACKNOWLEDGE = (Status.APPROVED, Status.IN_PROGRESS)


class RecordWriter:
    """Appends forget requests to the ledger and moves them on; one script for each."""

    def __init__(self, ledger: RedisLedger, cipher: Cipher) -> None:
        self._ledger = ledger
        self._cipher = cipher

    async def file(self, draft: Draft, *, most: int | None = None) -> tuple[Record, bool]:
        """Append a filing; False when it is there already.

        With `most` it is a proposal: one for each subject, and so many of them wait at most.
        """
        filing, case = draft.filing, draft.case
        lookup, content = submission(filing, self._cipher)
        tag, *rest = await self._ledger.change(
            "file",
            [
                keys.request(draft.id),
                keys.REQUEST,
                keys.INDEX,
                keys.DUE,
                keys.OPEN,
                keys.SUBMISSIONS,
                self._about(filing),
            ],
            [
                draft.id,
                VERSION,
                draft.status.value,
                _flag(draft.status in _TO_ACKNOWLEDGE),
                filing.regulation,
                to_microseconds(draft.received_time),
                to_microseconds(draft.expected_completion_time),
                _flag(draft.provisional),
                *sealed_texts(draft.id, VERSION, filing, draft.rule, self._cipher),
                seal_case(draft.id, case, self._cipher),
                "" if most is not None else lookup,
                content,
                "" if most is None else most,
                draft.kind,
            ],
            Deed("filed", case.filed_by, draft.id, VERSION, common.told_of(draft)),
            draft.kind,
        )
        if tag == b"conflict":
            raise common.reused()
        if tag == b"taken":
            raise common.taken("a forget request", draft.id)
        if tag == b"full":
            raise common.too_many_pending()
        if tag == b"known":
            return read_record(rest[0].decode(), hash_of(rest[1]), self._cipher), False
        return draft.recorded(self._ledger.saw(rest[0])), True

    async def propose(self, draft: Draft) -> tuple[Record, bool]:
        """Append a filing that waits for approval; False when one about the subject exists."""
        return await self.file(replace(draft, status=Status.PENDING), most=MAX_PENDING)

    async def amend(self, record: Record, amendment: Amendment) -> Record:
        """Move a record on as it was read, give it another due date or another version."""
        after = amendment.applied(record, record.revision)
        texts: Sequence[bytes] = (b"", b"")
        if (filing := amendment.filing) is not None:
            texts = sealed_texts(record.id, after.version, filing, amendment.rule, self._cipher)
        tag, *rest = await self._ledger.change(
            "amend",
            [
                keys.request(record.id),
                keys.INDEX,
                keys.DUE,
                keys.OPEN,
                keys.VERSIONS + record.id,
                self._about(record.filing),
                self._about(filing or record.filing),
            ],
            [
                record.id,
                record.revision,
                record.status.value,
                amendment.kind,
                after.status.value,
                _flag(after.status in _TO_ACKNOWLEDGE),
                after.version,
                to_microseconds(after.expected_completion_time),
                seal_case(record.id, amendment.case, self._cipher),
                *texts,
            ],
            amendment.deed(record),
            amendment.kind if amendment.revises(record) else None,
        )
        return self._changed(record.id, tag, rest)

    async def note(self, request_id: str, text: str, by: str) -> Note:
        """Keep a note on a request."""
        note = Note(datetime.now(UTC), by, text)
        (tag, *_) = await self._ledger.change(
            "note",
            [keys.request(request_id), keys.NOTES + request_id],
            [request_id, seal_note(request_id, note, self._cipher), MAX_NOTES],
            Deed("noted", by, request_id),
        )
        if tag == b"absent":
            raise common.no_request(request_id)
        if tag == b"full":
            raise common.too_many_notes(request_id)
        return note

    async def steer(self, record: Record, steering: bytes, by: str) -> Record:
        """Keep steering vectors beside a record as it was read."""
        tag, *rest = await self._ledger.change(
            "steer",
            [keys.request(record.id), keys.OPEN],
            [record.id, record.revision, seal_steering(record, steering, self._cipher)],
            Deed("steered", by, record.id, record.version),
            "steered",
        )
        return self._changed(record.id, tag, rest)

    def _about(self, filing: Filing) -> str:
        return keys.SUBJECT + subject_lookup(filing.folded_name, self._cipher)

    def _changed(self, request_id: str, tag: bytes, rest: Sequence[Any]) -> Record:
        """What a script that changes a record has answered."""
        if tag == b"absent":
            raise common.no_request(request_id)
        if tag == b"conflict":
            raise common.changed_since(request_id)
        self._ledger.saw(rest[0])
        return read_record(request_id, hash_of(rest[1]), self._cipher)


def _flag(value: bool) -> str:
    return "1" if value else "0"
