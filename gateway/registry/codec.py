"""Records and API keys as bytes: fields of a Redis hash, frames of a snapshot.

Plain functions over bytes; opening thousands of records is work for a thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import UUID

import orjson

from gateway.registry.case import Case, pack_case
from gateway.registry.cipher import Cipher
from gateway.registry.filed import filing_bytes, unreadable
from gateway.registry.filing import Filing
from gateway.registry.models import ApiKey, Note, Record, Version
from gateway.registry.places import (
    api_key_of,
    case_of,
    filing_at,
    note_on,
    rule_at,
    steering_at,
)
from gateway.registry.status import Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH_BYTES = 4


def to_microseconds(time: datetime) -> int:
    """A time as whole microseconds since 1970, which Lua and Redis' clock can make too."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(value: bytes | int) -> datetime:
    """The time of `to_microseconds`, in UTC."""
    return _EPOCH + int(value) * _MICROSECOND


def submission(filing: Filing, cipher: Cipher) -> tuple[str, str]:
    """Keyed hashes of a filing's subject_request_id ("" without one) and of its content.

    Of a blind one too the content is what was filed, texts and all.
    """
    content = cipher.lookup("filing:" + filing_bytes(filing).decode())
    submitted = filing.subject_request_id
    return ("" if submitted is None else submission_lookup(submitted, cipher)), content


def submission_lookup(submitted: UUID, cipher: Cipher) -> str:
    """The keyed hash of a subject_request_id."""
    return cipher.lookup(f"subject_request_id:{submitted}")


def subject_lookup(folded_name: str, cipher: Cipher) -> str:
    """The keyed hash of a subject's folded name."""
    return cipher.lookup("subject:" + folded_name)


def sealed_texts(
    request_id: str, version: int, filing: Filing, rule: bytes, cipher: Cipher
) -> tuple[bytes, bytes]:
    """What is kept of a filing, and its rule, sealed for their place.

    That is this id, this version, this field.
    """
    return (
        cipher.seal(filing_bytes(filing.kept), filing_at(request_id, version)),
        cipher.seal(rule, rule_at(request_id, version)),
    )


def seal_case(request_id: str, case: Case, cipher: Cipher) -> bytes:
    """What was decided about a request, sealed for its place."""
    return cipher.seal(pack_case(case), case_of(request_id))


def open_version(request_id: str, version: int, sealed: bytes, cipher: Cipher) -> Version:
    """An earlier version of a filing."""
    return Version(version, cipher.open_(sealed, filing_at(request_id, version)))


def seal_note(request_id: str, note: Note, cipher: Cipher) -> bytes:
    """A note on a request, sealed for it."""
    text = orjson.dumps([to_microseconds(note.time), note.by, note.text])
    return cipher.seal(text, note_on(request_id))


def open_note(request_id: str, sealed: bytes, cipher: Cipher) -> Note:
    """The note of `seal_note`; raises `Unreadable`."""
    try:
        time, by, text = orjson.loads(cipher.open_(sealed, note_on(request_id)))
        return Note(from_microseconds(time), by, text)
    except (TypeError, ValueError) as error:
        raise unreadable("A note", error) from None


RECORD_FIELDS = (
    "version",
    "revision",
    "status",
    "received_time",
    "expected_completion_time",
    "completed_time",
    "filing",
    "rule",
    "steering",
    "provisional",
    "case",
)
"""Fields of the hash of a request that make a record; texts and vectors are sealed."""

_NAMES = tuple(name.encode() for name in RECORD_FIELDS)


def read_values(request_id: str, values: Sequence[bytes | None], cipher: Cipher) -> Record:
    """A record from the values of `RECORD_FIELDS`, as HMGET returns them."""
    present = {name: v for name, v in zip(_NAMES, values, strict=True) if v is not None}
    return read_record(request_id, present, cipher)


def read_record(request_id: str, fields: Mapping[bytes, bytes], cipher: Cipher) -> Record:
    """A record from the fields of its Redis hash; raises `Unreadable` or `WrongDataKey`."""
    try:
        version = int(fields[b"version"])
        completed, steering = fields.get(b"completed_time"), fields.get(b"steering")
        case = fields.get(b"case")
        return Record(
            id=request_id,
            version=version,
            revision=int(fields[b"revision"]),
            status=Status(fields[b"status"].decode()),
            filed=cipher.open_(fields[b"filing"], filing_at(request_id, version)),
            rule=cipher.open_(fields[b"rule"], rule_at(request_id, version)),
            received_time=from_microseconds(fields[b"received_time"]),
            expected_completion_time=from_microseconds(fields[b"expected_completion_time"]),
            completed_time=None if completed is None else from_microseconds(completed),
            steering=b""
            if steering is None
            else cipher.open_(steering, steering_at(request_id, version)),
            provisional=fields.get(b"provisional") == b"1",
            case=b"" if case is None else cipher.open_(case, case_of(request_id)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(f"The forget request {request_id}", error) from None


def seal_steering(record: Record, steering: bytes, cipher: Cipher) -> bytes:
    """A record's steering vectors, sealed for their place."""
    return cipher.seal(steering, steering_at(record.id, record.version))


def pack_record(record: Record) -> bytes:
    """A record as bytes, not encrypted: length of the head, head, filing, rule, case, steering."""
    completed = record.completed_time
    head = orjson.dumps(
        [
            record.id,
            record.version,
            record.revision,
            record.status.value,
            to_microseconds(record.received_time),
            to_microseconds(record.expected_completion_time),
            None if completed is None else to_microseconds(completed),
            record.provisional,
            len(record.filed),
            len(record.rule),
            len(record.case),
        ]
    )
    length = len(head).to_bytes(_LENGTH_BYTES, "big")
    return b"".join((length, head, record.filed, record.rule, record.case, record.steering))


def unpack_record(packed: bytes) -> Record:
    """The record of `pack_record`; raises `Unreadable`."""
    begin = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES], "big")
    try:
        (
            request_id, version, revision, status, received, expected, completed, provisional,
            *sizes,
        ) = orjson.loads(packed[_LENGTH_BYTES:begin])  # fmt: skip
        filed, rule, case = accumulate(sizes[1:], initial=begin + sizes[0])
        return Record(
            id=request_id,
            version=version,
            revision=revision,
            status=Status(status),
            filed=packed[begin:filed],
            rule=packed[filed:rule],
            case=packed[rule:case],
            steering=packed[case:],
            provisional=provisional,
            received_time=from_microseconds(received),
            expected_completion_time=from_microseconds(expected),
            completed_time=None if completed is None else from_microseconds(completed),
        )
    except (TypeError, ValueError) as error:
        raise unreadable("A forget request", error) from None


def pack_key(key: ApiKey) -> bytes:
    """An API key record as JSON, not encrypted."""
    return orjson.dumps(
        {
            "id": key.id,
            "name": key.name,
            "roles": sorted(key.roles),
            "digest": key.digest.hex(),
            "created_time": to_microseconds(key.created_time),
            "expires_time": key.expires_time and to_microseconds(key.expires_time),
            "models": None if key.models is None else sorted(key.models),
            "requests_per_minute": key.requests_per_minute,
        }
    )


def unpack_key(packed: bytes) -> ApiKey:
    """The API key of `pack_key`, of older versions' too; raises `Unreadable`."""
    try:
        fields = orjson.loads(packed)
        expires, models = fields.get("expires_time"), fields.get("models")
        return ApiKey(
            id=fields["id"],
            name=fields["name"],
            roles=frozenset(fields["roles"]),
            digest=bytes.fromhex(fields["digest"]),
            created_time=from_microseconds(fields["created_time"]),
            expires_time=None if expires is None else from_microseconds(expires),
            models=None if models is None else frozenset(models),
            requests_per_minute=fields.get("requests_per_minute"),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise unreadable("An API key", error) from None


def seal_key(key: ApiKey, cipher: Cipher) -> bytes:
    """An API key record, sealed for its id: nobody who can only write to Redis adds one."""
    return cipher.seal(pack_key(key), api_key_of(key.id))


def open_key(key_id: str, sealed: bytes, cipher: Cipher) -> ApiKey:
    """The API key of `seal_key`."""
    return unpack_key(cipher.open_(sealed, api_key_of(key_id)))
