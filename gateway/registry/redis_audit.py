"""Reading the audit in Redis: the whole chain, or what happened to one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.registry import keys
from gateway.registry.audit import Deed, Entry, entry_of
from gateway.registry.errors import AuditBroken
from gateway.registry.redis_ledger import RedisLedger


class RedisAudit:
    """The entries of the audit; each read one must carry the mark of a holder of the data key."""

    def __init__(self, ledger: RedisLedger) -> None:
        self._ledger = ledger

    async def lines(self, after: int, limit: int) -> Sequence[bytes]:
        """The entries that follow one, by number, as the lines that were hashed."""
        command = ("XRANGE", keys.AUDIT, f"({after}-0" if after else "-", "+", "COUNT", limit)
        _, _, (found,) = await self._ledger.read(command)
        return [self._line(place, fields) for place, fields in found]

    async def events(self, request_id: str) -> Sequence[Entry]:
        """What happened to one request, oldest first; empty where there is none."""
        _, _, (numbers,) = await self._ledger.read(("LRANGE", keys.EVENTS + request_id, 0, -1))
        if not numbers:
            return ()
        wanted = [f"{number.decode()}-0" for number in numbers]
        commands = [("XRANGE", keys.AUDIT, place, place) for place in wanted]
        _, _, answers = await self._ledger.read(*commands)
        return [entry_of(self._line(place, fields)) for found in answers for place, fields in found]

    async def log(self, deed: Deed, about: Sequence[str] = ()) -> None:
        """Tell the audit of something that changes no request."""
        await self._ledger.change("log", [], about, deed)

    def _line(self, place: bytes, flat: Any) -> bytes:
        fields = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
        line, number = fields[b"entry"], int(place.split(b"-")[0])
        if fields.get(b"mark") != self._ledger.changes.audit_mark(line, number):
            raise AuditBroken(
                f"Entry {number} of the audit was not written by a gateway of this deployment, or "
                "was altered. Restore the newest backup, and compare it with an export."
            )
        return bytes(line)
