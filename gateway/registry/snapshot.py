"""The last state on disk, encrypted: what a gateway enforces while Redis cannot be reached.

A log of frames: first some that hold a whole state, then one for each set of changes since. Each
is sealed together with the tag of the one before, so that none can be dropped, swapped or taken
from an older snapshot. Cutting off whole frames at the end gives back an older state of this file.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gateway.durable import sync_folder
from gateway.registry.cipher import Cipher, sealed_by
from gateway.registry.delta import Delta, pack_delta, unpack_delta, whole
from gateway.registry.errors import RegistryError, Unreadable
from gateway.registry.models import ApiKey, Record, State

log = logging.getLogger(__name__)

_MAGIC = b"lethe snapshot 4\n"
_CHAIN_BYTES = 16
"""Of the salt that the first frame is sealed with, and of the tag of each frame (AES-GCM)."""
_LENGTH_BYTES = 4
_MAX_FRAME = 2**30
_MAX_CHANGE = 2**26
"""Bytes of changes that are added at a time: they are in memory twice."""
_LEAST_TAIL = 2**20
"""Bytes of changes up to which a small state is not written anew."""


@dataclass(slots=True)
class SnapshotFile:
    """The file of one gateway; one thread at a time may use it, and no other process.

    Every write is on disk when it returns, mode 600. It raises `OSError` and leaves what was there
    before; what a crash tears in the middle of one is dropped by `load`.
    """

    path: Path
    cipher: Cipher
    _base: int = field(default=0, init=False)
    _end: int = field(default=0, init=False)
    _chain: bytes = field(default=b"", init=False)
    _sealed_by: str = field(default="", init=False)

    def replace(self, state: State) -> None:
        """Write a whole state: beside the old file, then in its place."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Always the same name: what a killed process has left of it is used up.
        temporary = self.path.with_name(f"{self.path.name}.tmp")
        chain, key_id = secrets.token_bytes(_CHAIN_BYTES), self.cipher.key_id
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MAGIC + chain)
                for delta in whole(state):
                    chain = _write(file, self.cipher, chain, pack_delta(delta))
                file.flush()
                os.fsync(file.fileno())
                end = file.tell()
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)
        self._base, self._end, self._chain, self._sealed_by = end, end, chain, key_id
        sync_folder(self.path.parent)

    def append(self, delta: Delta) -> bool:
        """Add changes at the end; False where only `replace` will do.

        That is when the file is not the one that was written or loaded last, when it has grown
        to twice its first size, when there are very many changes, and when another data key is
        used by now: what the key before has sealed is to be gone soon.
        """
        grown = self._end - self._base > max(self._base, _LEAST_TAIL)
        rekeyed = self._sealed_by != self.cipher.key_id
        if not self._chain or grown or rekeyed or delta.size > _MAX_CHANGE:
            return False
        try:
            with self.path.open("r+b") as file:
                file.seek(self._end - _CHAIN_BYTES)
                if file.read(_CHAIN_BYTES) != self._chain:
                    return False
                file.truncate(self._end)  # what an earlier failure has left behind
                chain = _write(file, self.cipher, self._chain, pack_delta(delta))
                file.flush()
                os.fsync(file.fileno())
                self._end, self._chain = file.tell(), chain
        except FileNotFoundError:
            return False
        return True

    def load(self) -> State | None:
        """The state that was written last, or None where nothing was.

        Raises `WrongDataKey`, `Unreadable` for a damaged file, and `OSError`.
        """
        try:
            with self.path.open("rb") as file:
                return self._read(file)
        except FileNotFoundError:
            return None
        except Unreadable as error:
            raise Unreadable(
                f"The snapshot {self.path} is damaged; remove it once Redis can be reached."
            ) from error

    def _read(self, file: BinaryIO) -> State:
        start = file.read(len(_MAGIC) + _CHAIN_BYTES)
        if len(start) != len(_MAGIC) + _CHAIN_BYTES or not start.startswith(_MAGIC):
            raise Unreadable("no snapshot of this version")
        size = os.fstat(file.fileno()).st_size
        chain, base = start[len(_MAGIC) :], 0
        records: dict[str, Record] = {}
        keys: tuple[ApiKey, ...] = ()
        delta: Delta | None = None
        while (begin := file.tell()) < size:
            try:
                frame, following, key_id = _frame(file, self.cipher, chain)
            except RegistryError:
                if not base or not _torn(file, begin, size):
                    raise
                log.warning("The last change in the snapshot %s was not saved whole.", self.path)
                file.seek(begin)
                break
            chain, delta = following, unpack_delta(frame)
            records |= {record.id: record for record in delta.records}
            for name in delta.dropped:
                records.pop(name, None)
            keys = keys if delta.keys is None else delta.keys
            if not delta.more and not base:
                base = file.tell()
                self._sealed_by = key_id
        if delta is None or not base:
            raise Unreadable("it ends before the whole state was told")
        self._base, self._end, self._chain = base, file.tell(), chain
        return State(delta.epoch, delta.revision, tuple(records.values()), keys)


def _write(file: BinaryIO, cipher: Cipher, chain: bytes, frame: bytes) -> bytes:
    """Write one frame; returns what the next is chained to."""
    sealed = cipher.seal(frame, _context(chain))
    file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
    return sealed[-_CHAIN_BYTES:]


def _frame(file: BinaryIO, cipher: Cipher, chain: bytes) -> tuple[bytes, bytes, str]:
    """Read one frame, what the next is chained to, and the id of the data key that sealed it."""
    length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    sealed = file.read(length) if length <= _MAX_FRAME else b""
    if len(sealed) != length:
        raise Unreadable("a frame that the file cannot hold")
    return cipher.open_(sealed, _context(chain)), sealed[-_CHAIN_BYTES:], sealed_by(sealed) or ""


def _context(chain: bytes) -> str:
    return f"snapshot:{chain.hex()}"


def _torn(file: BinaryIO, begin: int, size: int) -> bool:
    """Whether a bad frame is what a crash leaves: the last one, or room that was never filled."""
    file.seek(begin)
    announced = int.from_bytes(file.read(_LENGTH_BYTES), "big")
    if begin + _LENGTH_BYTES + announced >= size:
        return True
    return announced == 0 and not file.read().strip(b"\0")
