"""Encryption at rest with the data key, and keyed hashes with the keys of a keyring.

While the data key is rotated there are two: what either sealed is opened, and one seals.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Set
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import SettingsError
from gateway.registry.errors import Unreadable, WrongDataKey
from gateway.registry.keyring import Keyring, expand

_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD = len(_FORMAT) + _KEY_ID_BYTES
OVERHEAD = _HEAD + _NONCE_BYTES + _TAG_BYTES
"""Bytes by which a sealed value is longer than what it holds."""
UNIQUE = _HEAD + _NONCE_BYTES
"""Bytes with which a sealed value begins, and no other one does."""


class Cipher:
    """Seals and opens values with data keys (32 bytes each); makes keyed hashes for look-ups.

    `data_key` seals until `use` says otherwise, `previous` opens what was sealed before it. The
    keyring is the one that was adopted before a key of it was asked for, otherwise that of the
    older data key.
    """

    def __init__(self, data_key: bytes, previous: bytes | None = None) -> None:
        self._data_keys: dict[str, bytes] = {}
        self._aeads: dict[str, AESGCM] = {}
        self._ring: Keyring | None = None
        self.settled = False
        """Whether the keyring is known to be that of the store."""
        self.newest = self._used = self.learn(data_key)
        self._oldest = self.newest if previous is None else self.learn(previous)

    def learn(self, data_key: bytes) -> str:
        """Open from now on what this data key sealed too; its id."""
        if len(data_key) != 32:
            raise ValueError(f"a data key has 32 bytes, not {len(data_key)}")
        key_id = expand(data_key, "key id")[:_KEY_ID_BYTES].hex()
        self._data_keys[key_id] = data_key
        self._aeads[key_id] = AESGCM(expand(data_key, "seal"))
        return key_id

    @property
    def key_id(self) -> str:
        """Which data key seals; written beside every sealed value, says nothing about the key."""
        return self._used

    @property
    def known(self) -> Set[str]:
        """The ids of the data keys whose values can be opened."""
        return self._aeads.keys()

    def use(self, key_id: str) -> None:
        """Seal with this data key from now on; raises `WrongDataKey` where it is not known."""
        if key_id not in self._aeads:
            raise self._wrong(key_id)
        self._used = key_id

    def keyring_of(self, key_id: str) -> Keyring:
        """The keyring of a store whose first data key is this one."""
        return Keyring.of(self._data_keys[key_id])

    def adopt(self, ring: Keyring) -> None:
        """Hash with the keyring of the store.

        Raises `SettingsError` when something was hashed with another one before.
        """
        if self._ring not in (None, ring):
            raise SettingsError(
                "This gateway started while Redis could not be reached, and without the keyring "
                "of its forget requests: restart it."
            )
        self._ring, self.settled = ring, True

    @property
    def keyring(self) -> Keyring:
        """What is hashed with."""
        if self._ring is None:
            self._ring = self.keyring_of(self._oldest)
        return self._ring

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, the same for every gateway before this store, for good."""
        return self.keyring.key(purpose)

    def seal(self, plaintext: bytes, context: str, key_id: str | None = None) -> bytes:
        """Encrypt with AES-GCM; only `open_` with the same context gives the plaintext back.

        `key_id` names the data key, if it is not the one that is used.
        """
        key_id = key_id or self._used
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._aeads[key_id].encrypt(nonce, plaintext, context.encode())
        return _FORMAT + bytes.fromhex(key_id) + nonce + sealed

    def open_(self, sealed: bytes, context: str) -> bytes:
        """Decrypt what `seal` made.

        Raises `WrongDataKey` when another key sealed it, and `Unreadable` when it was altered
        or belongs to another context.
        """
        key_id = sealed_by(sealed)
        if key_id is None:
            raise Unreadable(
                "An encrypted value is cut short or of an unknown format; restore a backup, or "
                "run the version of Lethe that wrote it."
            )
        if key_id not in self._aeads:
            raise self._wrong(key_id)
        nonce, body = sealed[_HEAD:UNIQUE], sealed[UNIQUE:]
        try:
            return self._aeads[key_id].decrypt(nonce, body, context.encode())
        except InvalidTag as error:
            raise Unreadable(
                "An encrypted value was altered or put in another's place; restore a backup."
            ) from error

    def resealed(self, sealed: bytes, context: str) -> bytes:
        """What another data key sealed, sealed with the one that is used; raises as `open_`."""
        return self.seal(self.open_(sealed, context), context)

    def lookup(self, text: str) -> str:
        """Keyed hash (HMAC-SHA256, hex) by which a text is found again without being stored."""
        return hmac.new(self.derive("lookup"), text.encode(), sha256).hexdigest()

    def mark(self, text: bytes, context: str) -> bytes:
        """Proof (HMAC-SHA256, hex, halved) that a holder of the data key wrote this, and where."""
        said = len(context).to_bytes(4, "big") + context.encode() + text
        return hmac.new(self.derive("mark"), said, sha256).hexdigest()[:32].encode()

    def marked(self, text: bytes, context: str, mark: bytes | None) -> bool:
        """Whether a mark is that of this text in this place."""
        return mark is not None and hmac.compare_digest(self.mark(text, context), mark)

    def _wrong(self, key_id: str) -> WrongDataKey:
        return WrongDataKey(
            f"The forget requests were encrypted with the data key {key_id}, and this gateway was "
            f"given {' and '.join(self._aeads)}: give it the key that they were filed with as "
            "LETHE_DATA_KEY or, while the key is rotated, as LETHE_PREVIOUS_DATA_KEY."
        )


def sealed_by(value: object) -> str | None:
    """The id of the data key that sealed a value; None for what is no sealed value."""
    if not isinstance(value, bytes) or len(value) < OVERHEAD or not value.startswith(_FORMAT):
        return None
    return value[len(_FORMAT) : _HEAD].hex()
