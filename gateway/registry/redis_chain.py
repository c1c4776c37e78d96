"""What proves entries in Redis to be this deployment's: a mark each, and where the audit ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.registry import common
from gateway.registry.audit import Head, entry_of, genesis, hash_of
from gateway.registry.cipher import Cipher
from gateway.registry.models import Change


class RedisChain:
    """Makes and checks the marks of one ledger and its audit.

    A mark is made with the data key for the text of an entry and for its place. What stands beside
    the entries in Redis, such as the head of the audit, is believed only where it says the same.
    """

    def __init__(self, cipher: Cipher, epoch: str, unmarked: int) -> None:
        self.epoch = epoch
        self.unmarked = unmarked
        """The revision after which the ledger is marked, and its changes are told in the audit."""
        self.known = 0
        """The number of an entry of the audit that has existed."""
        self._cipher = cipher

    def of_change(self, change: Change) -> bytes:
        """The mark of an entry of the ledger."""
        return self._cipher.mark(*self._change(change))

    def proves(self, change: Change, mark: bytes | None) -> bool:
        """Whether a mark is that of an entry of the ledger."""
        return self._cipher.marked(*self._change(change), mark)

    def of_line(self, line: bytes, number: int) -> bytes:
        """The mark of an entry of the audit."""
        return self._cipher.mark(line, self._place(number))

    def line(self, place: bytes, flat: Any) -> tuple[int, bytes]:
        """The number and the line of an entry of the audit, as a script or a command gives it.

        Raises `AuditBroken` unless a holder of the data key made it for its place.
        """
        fields = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))
        number, _, rest = place.partition(b"-")
        line, mark = fields.get(b"entry", b""), fields.get(b"mark")
        if rest != b"0" or not self._cipher.marked(line, self._place(int(number)), mark):
            raise common.foreign_line(int(number))
        return int(number), bytes(line)

    def end(
        self, stored: bytes | None, last: Sequence[Any], length: int, revision: int, known: int
    ) -> Head:
        """Where the audit ends, by its last entry.

        `stored` is its head, `length` how many entries it has and `revision` the newest one, as
        they stand beside it, `known` what was known before all of them were read. Raises
        `AuditBroken` where they do not agree, and where the audit ends earlier.
        """
        head, told = genesis(self.epoch), self.unmarked
        if last:
            number, line = self.line(*last[0])
            head, told = Head(number, hash_of(line)), entry_of(line).revision
        if (stored or b"") != (f"{head.number} {head.hash}".encode() if last else b""):
            raise common.beheaded_audit(head.number)
        if head.number != length:
            raise common.gaps_in_audit(head.number, length)
        if head.number < known:
            raise common.shorter_audit(head.number, known)
        if told != revision:
            raise common.untold_revision(told, revision)
        return head

    def saw(self, head: Head) -> None:
        """Remember that the audit has ended here."""
        self.known = max(self.known, head.number)

    def _change(self, change: Change) -> tuple[bytes, str]:
        """What the mark of an entry of the ledger is made for: its text and its place."""
        text = f"{change.kind}:{change.id}".encode()
        return text, f"{self.epoch}:ledger:{change.revision}"

    def _place(self, number: int) -> str:
        return f"{self.epoch}:audit:{number}"
