"""The last state on disk, encrypted: what a gateway enforces while Redis cannot be reached.

A file of frames, each sealed for its position in this very file, so that none can be dropped,
swapped or taken from an older snapshot: a head (epoch, revision, counts), API keys, records.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from gateway.durable import sync_folder
from gateway.registry.cipher import Cipher
from gateway.registry.codec import pack_key, pack_record, unpack_key, unpack_record
from gateway.registry.errors import Unreadable
from gateway.registry.models import State

_MAGIC = b"lethe snapshot 1\n"
_SALT_BYTES = 16
_LENGTH_BYTES = 4
_MAX_FRAME = 2**30


def save_snapshot(path: Path, cipher: Cipher, state: State) -> None:
    """Replace the snapshot, or leave the old one whole; mode 600. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One temporary name per process: gateways may share a data folder.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            _write(file, cipher, state)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def load_snapshot(path: Path, cipher: Cipher) -> State | None:
    """The state that was saved, or None where nothing was.

    Raises `WrongDataKey`, `Unreadable` for a damaged file, and `OSError`.
    """
    try:
        with path.open("rb") as file:
            return _read(file, cipher)
    except FileNotFoundError:
        return None
    except Unreadable as error:
        raise Unreadable(
            f"The snapshot {path} is damaged; remove it once Redis can be reached."
        ) from error


def _write(file: BinaryIO, cipher: Cipher, state: State) -> None:
    salt = secrets.token_bytes(_SALT_BYTES)
    file.write(_MAGIC + salt)
    for position, frame in enumerate(_frames(state)):
        sealed = cipher.seal(frame, _context(salt, position))
        file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)


def _frames(state: State) -> Iterator[bytes]:
    yield orjson.dumps(
        {
            "epoch": state.epoch,
            "revision": state.revision,
            "keys": len(state.keys),
            "records": len(state.records),
        }
    )
    yield from map(pack_key, state.keys)
    yield from map(pack_record, state.records)


def _read(file: BinaryIO, cipher: Cipher) -> State:
    start = file.read(len(_MAGIC) + _SALT_BYTES)
    if len(start) != len(_MAGIC) + _SALT_BYTES or not start.startswith(_MAGIC):
        raise Unreadable("no snapshot of this version")
    salt = start[len(_MAGIC) :]
    head = orjson.loads(_frame(file, cipher, salt, 0))
    first_record = 1 + head["keys"]
    keys = tuple(unpack_key(_frame(file, cipher, salt, i)) for i in range(1, first_record))
    records = tuple(
        unpack_record(_frame(file, cipher, salt, first_record + i)) for i in range(head["records"])
    )
    if file.read(1):
        raise Unreadable("something follows the last frame")
    return State(head["epoch"], head["revision"], records, keys)


def _frame(file: BinaryIO, cipher: Cipher, salt: bytes, position: int) -> bytes:
    length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    sealed = file.read(length) if length <= _MAX_FRAME else b""
    if len(sealed) != length:
        raise Unreadable("a frame that the file cannot hold")
    return cipher.open_(sealed, _context(salt, position))


def _context(salt: bytes, position: int) -> str:
    return f"snapshot:{salt.hex()}:{position}"
