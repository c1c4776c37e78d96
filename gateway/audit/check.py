"""Whether an export of the audit is whole and unaltered: line by line, without Lethe's data.

Entries follow each other by their hashes, and the first of all from the ledger that the head names.
A head, which is signed, stands at the end, or more of them where exports were put together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from gateway.audit.heads import BEGIN, SignedHead, read_head
from gateway.registry.audit import Entry, Head, entry_of, follow, genesis
from gateway.registry.errors import AuditBroken

_ERROR = b'{"error":'


@dataclass(slots=True)
class Check:
    """Reads an export; keeps nothing but where it is.

    `public_key` is the one that heads must be signed with, where it is known; `kept` a head that
    somebody kept from before: an export that begins after the first entry needs one.
    """

    public_key: str | None = None
    kept: Head | None = None
    entries: int = 0
    first: Entry | None = None
    last: Entry | None = None
    signed: SignedHead | None = None
    _end: Head | None = None
    _met: bool = False
    _open: bool = True
    """Whether no head has come since the last entry."""
    _begin: int | None = None
    """The number of the entry after which the export begins."""

    def feed(self, line: bytes) -> None:
        """Read a line without its end; raises `AuditBroken` at the first that is wrong."""
        if line.startswith(BEGIN):
            self._head(read_head(line))
        elif line.startswith(_ERROR):
            raise AuditBroken(f"The export was not finished: {_message(line)}")
        else:
            self._entry(line)

    def finish(self) -> None:
        """Nothing more comes; raises `AuditBroken` where something is missing."""
        if self._open:
            raise AuditBroken(
                f"After entry {self._end.number if self._end else 0} of the audit no signed head "
                "comes: the end of the export is missing."
            )
        if self.kept is not None and not self._met:
            raise AuditBroken(self._unmet(self.kept))
        if self._begin and self.kept is None:
            raise AuditBroken(
                f"The entries up to {self._begin} of the audit are missing: export all of it, or "
                "give the head that was kept of that entry."
            )

    def _entry(self, line: bytes) -> None:
        if self._end is None:
            self.first = entry_of(line)
            self._end = Head(self.first.number - 1, self.first.previous)
            self._begin = self._end.number
            self._meet(self._end)
        self._end = follow([line], self._end)
        self.entries += 1
        self.last = entry_of(line)
        self._open = True
        self._meet(self._end)

    def _head(self, found: SignedHead) -> None:
        if self.public_key not in (None, found.public_key):
            raise AuditBroken("A head of the audit is signed by another key.")
        self.public_key = found.public_key
        if self.signed is not None and self.signed.epoch != found.epoch:
            raise AuditBroken("The export holds heads of two ledgers.")
        begins = self.first is not None and self.first.number == 1
        beginning = Head(0, self.first.previous) if self.first and begins else None
        if found.head.number == 0:
            beginning = found.head
        if beginning is not None and beginning != genesis(found.epoch):
            raise AuditBroken("Entry 1 of the audit is the beginning of another ledger's.")
        if self._end is None:
            self._begin = found.head.number
            self._meet(found.head)
        elif found.head != self._end:
            raise AuditBroken(
                f"The signed head is that of entry {found.head.number}, with another hash or not "
                f"there: the entries end with {self._end.number}. Some are missing or altered."
            )
        self._end, self.signed, self._open = found.head, found, False

    def _meet(self, head: Head) -> None:
        if self.kept is None or head.number != self.kept.number:
            return
        if head != self.kept:
            raise AuditBroken(
                f"Entry {head.number} of the audit is not the one that the head was kept of: it, "
                "or one before, was altered since."
            )
        self._met = True

    def _unmet(self, kept: Head) -> str:
        ends = self._end.number if self._end else 0
        if kept.number > ends:
            return (
                f"The audit ends with entry {ends}, and a head of entry {kept.number} was kept: "
                "entries were cut since, or this is an older export."
            )
        return (
            f"The export begins after entry {kept.number}, of which a head was kept; export from "
            "there on, or all of it."
        )


def check(
    lines: Iterable[bytes], *, public_key: str | None = None, kept: Head | None = None
) -> Check:
    """A finished check of an export; raises `AuditBroken`."""
    found = Check(public_key, kept)
    for line in lines:
        found.feed(line)
    found.finish()
    return found


def _message(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["error"]["message"])
    except (ValueError, TypeError, KeyError):
        return "the server failed."
