"""The audit chain: what happened, each entry bound to the one before by SHA-256.

An entry is one line of JSON, hashed as it stands. Whoever holds the lines can check them without
Lethe and without a key: each names the hash of the line before. They hold ids, statuses and codes,
never a subject or a text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from gateway.registry.errors import AuditBroken
from gateway.times import timestamp


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what to which forget request, before it has its place in the chain.

    `by` is the id of an API key, `bootstrap`, `open`, `gateway:…` or `command`. `details` holds
    codes and counts.
    """

    action: str
    by: str
    id: str | None = None
    version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the number of its last entry, and that entry's hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain; `revision` is that of the registry when it was written."""

    number: int
    time: str
    by: str
    action: str
    id: str | None
    version: int | None
    revision: int
    details: Mapping[str, Any]
    previous: str


def genesis(epoch: str) -> Head:
    """The head of a chain without entries: bound to the ledger that it belongs to."""
    return Head(0, sha256(b"lethe audit " + epoch.encode()).hexdigest())


def link(deed: Deed, revision: int, head: Head) -> tuple[bytes, Head]:
    """A deed as the next line of the chain, and the chain's new head."""
    line = orjson.dumps(
        {
            "number": head.number + 1,
            "time": timestamp(datetime.now(UTC)),
            "by": deed.by,
            "action": deed.action,
            "id": deed.id,
            "version": deed.version,
            "revision": revision,
            "details": deed.details,
            "previous": head.hash,
        }
    )
    return line, Head(head.number + 1, hash_of(line))


def hash_of(line: bytes) -> str:
    """The hash that the next line names."""
    return sha256(line).hexdigest()


def entry_of(line: bytes) -> Entry:
    """A line as an entry; raises `AuditBroken` where it is none."""
    try:
        fields = orjson.loads(line)
        return Entry(**fields)
    except (TypeError, ValueError):
        raise AuditBroken("A line of the audit is no entry of Lethe's.") from None


def follow(lines: Iterable[bytes], head: Head) -> Head:
    """The head after some more lines; raises `AuditBroken` at the first that does not follow."""
    for line in lines:
        entry = entry_of(line)
        if entry.number != head.number + 1:
            raise AuditBroken(
                f"After entry {head.number} of the audit comes entry {entry.number}: some are "
                "missing, repeated or out of order."
            )
        if entry.previous != head.hash:
            raise AuditBroken(
                f"Entry {entry.number} of the audit does not follow from the one before: one of "
                "them was altered."
            )
        head = Head(entry.number, hash_of(line))
    return head
