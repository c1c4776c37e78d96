"""Encryption at rest and keyed hashes, all from one data key.

Every purpose has its own key (HKDF-SHA256), so that no output of one helps against another.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.registry.errors import Unreadable, WrongDataKey

_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD = len(_FORMAT) + _KEY_ID_BYTES
OVERHEAD = _HEAD + _NONCE_BYTES + _TAG_BYTES
"""Bytes by which a sealed value is longer than what it holds."""


class Cipher:
    """Seals and opens values with the data key (32 bytes); makes keyed hashes for look-ups."""

    def __init__(self, data_key: bytes) -> None:
        if len(data_key) != 32:
            raise ValueError(f"a data key has 32 bytes, not {len(data_key)}")
        self._data_key = data_key
        self._aead = AESGCM(self.derive("seal"))
        self._lookup_key = self.derive("lookup")
        self._mark_key = self.derive("mark")
        self._key_id = self.derive("key id")[:_KEY_ID_BYTES]

    @property
    def key_id(self) -> str:
        """Which data key this is; written beside every sealed value, says nothing about the key."""
        return self._key_id.hex()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, the same for every gateway with this data key."""
        info = b"lethe/1/" + purpose.encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._data_key)

    def seal(self, plaintext: bytes, context: str) -> bytes:
        """Encrypt with AES-GCM; only `open_` with the same context gives the plaintext back."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, plaintext, context.encode())
        return _FORMAT + self._key_id + nonce + sealed

    def open_(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal` made.

        Raises `WrongDataKey` when another key sealed it, and `Unreadable` when it was altered
        or belongs to another context.
        """
        if len(sealed) < OVERHEAD or not sealed.startswith(_FORMAT):
            raise Unreadable(
                "An encrypted value is cut short or of an unknown format; restore a backup, or "
                "run the version of Lethe that wrote it."
            )
        if not hmac.compare_digest(sealed[len(_FORMAT) : _HEAD], self._key_id):
            raise WrongDataKey(
                "The forget requests were encrypted with another data key than LETHE_DATA_KEY; "
                "give this gateway the key that they were filed with."
            )
        nonce, body = sealed[_HEAD : _HEAD + _NONCE_BYTES], sealed[_HEAD + _NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, body, context.encode())
        except InvalidTag as error:
            raise Unreadable(
                "An encrypted value was altered or put in another's place; restore a backup."
            ) from error

    def lookup(self, text: str) -> str:
        """Keyed hash (HMAC-SHA256, hex) by which a text is found again without being stored."""
        return hmac.new(self._lookup_key, text.encode(), sha256).hexdigest()

    def mark(self, text: bytes, context: str) -> bytes:
        """Proof (HMAC-SHA256, hex, halved) that a holder of the data key wrote this, and where."""
        said = len(context).to_bytes(4, "big") + context.encode() + text
        return hmac.new(self._mark_key, said, sha256).hexdigest()[:32].encode()

    def marked(self, text: bytes, context: str, mark: bytes | None) -> bool:
        """Whether a mark is that of this text in this place."""
        return mark is not None and hmac.compare_digest(self.mark(text, context), mark)
