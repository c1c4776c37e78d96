"""The keys of what is hashed, which outlive the data key that they were made from.

A sealed value can be opened and sealed anew with another data key. A keyed hash cannot be made
anew: of an API key, of a blind filing's phrases, of a mark in the audit only the hash is there.
So the keys of all hashes are made once, from the first data key of a store, and kept sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.registry.errors import Unreadable

_ROOT = "root"
_FIRST = ("lookup", "mark", "api-keys", "passages", "wording", "cache-salt", "import", "signing")
"""Purposes whose keys follow from the first data key itself; those of all others from the root."""


def expand(key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256): none of them helps against another."""
    info = b"lethe/1/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key of each purpose; the data key does not follow from them."""

    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, data_key: bytes) -> Keyring:
        """The keyring of a store whose first data key this is."""
        return cls({purpose: expand(data_key, purpose) for purpose in (*_FIRST, _ROOT)})

    def key(self, purpose: str) -> bytes:
        """The 32 bytes of one purpose."""
        return self.keys[purpose] if purpose in _FIRST else expand(self.keys[_ROOT], purpose)

    def pack(self) -> bytes:
        """The keyring as JSON, not encrypted."""
        return orjson.dumps({purpose: key.hex() for purpose, key in self.keys.items()})

    @classmethod
    def unpack(cls, packed: bytes) -> Keyring:
        """The keyring of `pack`; raises `Unreadable`."""
        try:
            keys = {name: bytes.fromhex(key) for name, key in orjson.loads(packed).items()}
        except (AttributeError, TypeError, ValueError):
            keys = {}
        if not keys.keys() >= {*_FIRST, _ROOT}:
            raise Unreadable(
                "The keyring cannot be read: run the version of Lethe that wrote it, or restore a "
                "backup."
            )
        return cls(keys)
