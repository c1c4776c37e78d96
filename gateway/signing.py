"""The deployment's own signature: Ed25519 (RFC 8032), with a key that all its gateways share."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


class Signer:
    """Signs with a key made of 32 secret bytes, such as `Cipher.derive("signing")`.

    `public_key` is what others check the signatures with: 32 bytes in base64.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._key.public_key().public_bytes_raw()
        self.public_key = base64.b64encode(public).decode()

    def sign(self, data: bytes) -> bytes:
        """The signature of some bytes, 64 bytes."""
        return self._key.sign(data)


def read_public_key(text: str) -> str:
    """A public key as `Signer.public_key` has it, from that or from what webhooks show of it.

    Raises `ValueError` for what is no key.
    """
    try:
        key = base64.b64decode(text.removeprefix("whpk_"), validate=True)
        Ed25519PublicKey.from_public_bytes(key)
    except ValueError:
        raise ValueError("must be 32 bytes in base64") from None
    return base64.b64encode(key).decode()


def is_signed(data: bytes, signature: bytes, public_key: str) -> bool:
    """Whether the holder of a key signed these bytes; False for what is no key in base64 too."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(signature, data)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
