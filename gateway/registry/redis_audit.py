"""Reading the audit in Redis: the whole chain, or what happened to one request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.registry import common, keys
from gateway.registry.audit import Deed, Entry, Head, entry_of
from gateway.registry.redis_ledger import RedisLedger


class RedisAudit:
    """The entries of the audit; each read one must carry the mark of a holder of the data key."""

    def __init__(self, ledger: RedisLedger) -> None:
        self._ledger = ledger

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know about the audit."""
        trouble = self._ledger.audit_trouble
        return () if trouble is None else (str(trouble),)

    async def head(self) -> tuple[str, Head]:
        """The epoch of the ledger, and where the audit ends."""
        known = self._ledger.chain.known
        epoch, revision, (stored, last, length) = await self._ledger.read(
            ("GET", keys.AUDIT_HEAD),
            ("XREVRANGE", keys.AUDIT, "+", "-", "COUNT", 1),
            ("XLEN", keys.AUDIT),
        )
        head = self._ledger.chain.end(stored, last, length, revision, known)
        await self._ledger.confirm()  # an auditor keeps it
        return epoch, head

    async def lines(self, after: int, limit: int) -> Sequence[bytes]:
        """The entries that follow one, by number, as the lines that were hashed."""
        command = ("XRANGE", keys.AUDIT, f"({after}-0" if after else "-", "+", "COUNT", limit)
        _, _, (found,) = await self._ledger.read(command)
        return [self._ledger.chain.line(place, fields)[1] for place, fields in found]

    async def events(self, request_id: str, after: int, limit: int | None) -> Sequence[Entry]:
        """What happened to one request, oldest first, but for the first `after` entries."""
        last = -1 if limit is None else after + limit - 1
        _, _, (numbers,) = await self._ledger.read(
            ("LRANGE", keys.EVENTS + request_id, after, last)
        )
        return list((await self.entries(map(int, numbers))).values())

    async def entries(self, numbers: Iterable[int]) -> Mapping[int, Entry]:
        """The entries with these numbers; raises `AuditBroken` where one is missing."""
        wanted = list(numbers)
        if not wanted:
            return {}
        commands = [("XRANGE", keys.AUDIT, f"{number}-0", f"{number}-0") for number in wanted]
        _, _, answers = await self._ledger.read(*commands)
        entries = {}
        for number, found in zip(wanted, answers, strict=True):
            if not found:
                raise common.cut_audit(number)
            entries[number] = entry_of(self._ledger.chain.line(*found[0])[1])
        return entries

    async def log(self, deed: Deed, about: Sequence[str] = ()) -> None:
        """Tell the audit of something that changes no request."""
        await self._ledger.change("log", [], about, deed)
