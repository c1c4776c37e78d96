"""The meta data of a store: which data key is used, which one was before, and the keyring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.registry.cipher import Cipher, sealed_by
from gateway.registry.errors import WrongDataKey
from gateway.registry.keyring import Keyring

SEALED = ("proof", "unmarked", "keyring")
"""Meta data that are sealed, each for its name."""

Meta = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """The ids of the data key that is used and of the one before; whether that one is still needed.

    `before` is empty where the key was never rotated.
    """

    used: str
    before: str
    finished: bool


def standing(meta: Meta) -> Standing:
    """How far the last rotation of the data key has come."""
    before = meta.get(b"before", b"").decode()
    return Standing(sealed_by(meta[b"proof"]) or "", before, meta.get(b"rotation") != b"unfinished")


def first(cipher: Cipher) -> list[bytes]:
    """The sealed meta data of a new store, in the order of `SEALED`."""
    values = (b"lethe", b"0", cipher.keyring.pack())
    return [cipher.seal(value, name) for value, name in zip(values, SEALED, strict=True)]


def opened(meta: Meta, cipher: Cipher) -> dict[str, bytes]:
    """What is sealed in the meta data, by its name; raises `RegistryError`."""
    # A store of an earlier version has no keyring, and one data key ever since.
    unsealed = {"keyring": cipher.keyring_of(standing(meta).used).pack()}
    found = {name: meta[name.encode()] for name in SEALED if name.encode() in meta}
    return unsealed | {name: cipher.open_(value, name) for name, value in found.items()}


def unlock(meta: Meta, cipher: Cipher) -> None:
    """Use the data key and the keyring of the store.

    Raises `WrongDataKey` with the key that is missing.
    """
    now = standing(meta)
    if now.used not in cipher.known and now.before in cipher.known:
        raise WrongDataKey(
            f"The data key was rotated from {now.before} to {now.used}, which this gateway was not "
            "given: give it the new one as LETHE_DATA_KEY."
        )
    if not now.finished and now.before not in cipher.known:
        raise WrongDataKey(
            f"The rotation of the data key from {now.before} to {now.used} is not finished: give "
            "this gateway the one before as LETHE_PREVIOUS_DATA_KEY, and run lethe keys "
            "rotate-data-key again."
        )
    cipher.open_(meta[b"proof"], "proof")
    cipher.use(now.used)
    cipher.adopt(Keyring.unpack(opened(meta, cipher)["keyring"]))
