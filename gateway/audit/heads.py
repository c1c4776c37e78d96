"""Where the audit ended at a time, signed: the last line of an export.

    {"head": {"epoch": …, "number": …, "hash": …, "time": …}, "signature": …, "public_key": …}

The signature (Ed25519, base64) is of the bytes `lethe audit head ` and the head as it stands in the
line. Whoever keeps a line can show later that the audit was only appended to.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.registry.audit import Head
from gateway.registry.errors import AuditBroken
from gateway.signing import Signer, is_signed
from gateway.times import timestamp

BEGIN = b'{"head":'
"""What such a line begins with, and no entry does."""
_PURPOSE = b"lethe audit head "


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The end of the audit of one ledger at a time, and who says so."""

    epoch: str
    head: Head
    time: str
    public_key: str
    signature: bytes

    @property
    def content(self) -> dict[str, Any]:
        """As it is answered, and as the last line of an export."""
        return {
            "head": self._said,
            "signature": base64.b64encode(self.signature).decode(),
            "public_key": self.public_key,
        }

    @property
    def line(self) -> bytes:
        """As the last line of an export."""
        return orjson.dumps(self.content)

    @property
    def genuine(self) -> bool:
        """Whether the holder of the key signed it; whose key it is, is another question."""
        return is_signed(_signed(self._said), self.signature, self.public_key)

    @property
    def _said(self) -> dict[str, Any]:
        return _said(self.epoch, self.head, self.time)


def signed_head(epoch: str, head: Head, signer: Signer) -> SignedHead:
    """The end of an audit as it is now."""
    time = timestamp(datetime.now(UTC))
    signature = signer.sign(_signed(_said(epoch, head, time)))
    return SignedHead(epoch, head, time, signer.public_key, signature)


def read_head(line: bytes) -> SignedHead:
    """The head that a line tells; raises `AuditBroken` unless it is just that, and signed."""
    try:
        content = orjson.loads(line)
        said, signature = content["head"], base64.b64decode(content["signature"], validate=True)
        head = Head(int(said["number"]), str(said["hash"]))
        found = SignedHead(
            str(said["epoch"]), head, str(said["time"]), str(content["public_key"]), signature
        )
    except (ValueError, TypeError, KeyError, binascii.Error):
        found = None
    # Nothing may be read into a line that is not in what was signed.
    if found is None or found.line != line or not found.genuine:
        raise AuditBroken("A head of the audit is not signed by the key that it names.")
    return found


def _said(epoch: str, head: Head, time: str) -> dict[str, Any]:
    return {"epoch": epoch, "number": head.number, "hash": head.hash, "time": time}


def _signed(said: dict[str, Any]) -> bytes:
    return _PURPOSE + orjson.dumps(said)
