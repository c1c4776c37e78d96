"""What the ledger tells of every forget request and API key, to compare what is kept with.

The entries of the ledger carry a mark of a holder of the data key; the fields and indexes that say
whether a request acts, and which API keys there are, carry none. Pure: changes in, answers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.registry import common
from gateway.registry.models import VERSION, Change, Record
from gateway.registry.status import ACTING, Status

_BEGIN = frozenset({"filed", *ACTING})
_END = frozenset(
    {"held", Status.PAUSED, Status.LIFTED, Status.CANCELLED, Status.DENIED, Status.EXPIRED}
)
_KEYS = {"key_created": True, "key_revoked": False, "key": None}


class Point(NamedTuple):
    """Where a request stood after a change; `acts` None: schema 1 did not tell."""

    revision: int
    version: int
    acts: bool | None

    def fits(self, record: Record) -> bool:
        """Whether a record is the one that the change left."""
        known = self.acts is None or self.acts is record.enforced
        return known and (record.revision, record.version) == (self.revision, self.version)


class Told:
    """The last change of every request and API key, up to a revision.

    `unmarked` is the revision up to which the entries carry no mark: schema 1 wrote them, which
    called a request that waits "filed" too.
    """

    def __init__(self, unmarked: int) -> None:
        self.revision = 0
        self._unmarked = unmarked
        self._requests: dict[str, Point] = {}
        self._keys: dict[str, tuple[int, bool | None]] = {}

    def take(self, changes: Iterable[Change]) -> None:
        """Take note of changes; those that do not follow what is known are left out."""
        for change in changes:
            if change.revision == self.revision + 1:
                self._take(change)
                self.revision = change.revision

    def of(self, request_id: str) -> Point | None:
        """The last change of a request, None before it was filed."""
        return self._requests.get(request_id)

    def check(self, records: Mapping[str, Record], revision: int) -> None:
        """Raises `LedgerBroken` unless these are all the records that act at a revision.

        They may have been read somewhat later: what has changed since then is not compared. Of a
        hundred thousand this is work for a thread.
        """
        for name, record in records.items():
            point = self._requests.get(name)
            if point is None or (point.revision <= revision and not point.fits(record)):
                raise common.altered_request(name)
        for name, point in tuple(self._requests.items()):
            if point.acts and point.revision <= revision and name not in records:
                raise common.altered_request(name)

    def check_keys(self, found: Iterable[str], revision: int) -> None:
        """Raises `LedgerBroken` unless these are the ids of all API keys at a revision."""
        there = set(found)
        for name in there - self._keys.keys():
            raise common.altered_key(name)
        for name, (changed, exists) in self._keys.items():
            if changed <= revision and exists is not None and exists is not (name in there):
                raise common.altered_key(name)

    def _take(self, change: Change) -> None:
        revision, kind, name = change.revision, change.kind, change.id
        if kind in _KEYS:
            self._keys[name] = revision, _KEYS[kind]
        elif kind != "data_key":
            before = self._requests.get(name, Point(0, VERSION, False))
            acts = True if kind in _BEGIN else False if kind in _END else before.acts
            if kind == "filed" and revision <= self._unmarked:
                acts = None
            version = before.version + (kind == "amended")
            self._requests[name] = Point(revision, version, acts)
