"""The name of this gateway among the replicas: the same after a restart, nobody else's ever.

Host name and port alone are not unique: two machines may be set up alike, and two gateways may
listen on the same port of two addresses. If two shared a name, one of them would acknowledge for
both, and a request would be called completed while a live gateway does not enforce it. So the
name ends with random digits, kept in the data folder in one file per host name, address and port.

The file stays locked while the name is held. The kernel gives the lock back however the
process ends, so that a gateway comes back under its own name even after kill -9; a second process
that finds the file locked takes the next one.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gateway.durable import make_folder, sync_folder
from gateway.errors import SettingsError

_DIGITS = re.compile(rb"[0-9a-f]{12}")
_MOST = 64
"""Gateways of one host name, address and port on one data folder, at most."""


@contextmanager
def gateway_id(folder: Path, host: str, port: int) -> Iterator[str]:
    """The name, such as `web-1@0.0.0.0:8080-3f9a1c2e77b0`, nobody else's while it is held.

    Raises `SettingsError` where it cannot be kept in the folder.
    """
    place = f"{socket.gethostname()}@{host}:{port}"
    file = folder.absolute() / f"gateway-{quote(place, safe='@:')}"
    try:
        make_folder(file.parent)
        descriptor, digits = _take(file)
    except OSError as error:
        raise SettingsError(
            f"LETHE_DATA_DIR: this gateway's name cannot be kept in {folder} "
            f"({error.strerror}); set it to a folder of your own."
        ) from error
    try:
        yield f"{place}-{digits}"
    finally:
        os.close(descriptor)


def _take(file: Path) -> tuple[int, str]:
    """Lock the first file that is free; its descriptor and its digits."""
    for number in range(1, _MOST + 1):
        path = file.with_name(f"{file.name}-{number}.id")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor, _digits(path, descriptor)
        except BlockingIOError:
            os.close(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
    raise SettingsError(
        f"{_MOST} gateways of this host name, address and port use {file.parent} already; set "
        "LETHE_DATA_DIR to another folder."
    )


def _digits(path: Path, descriptor: int) -> str:
    """What the locked file holds; written, and on disk, where it holds nothing usable yet."""
    content = os.pread(descriptor, 64, 0)
    if not _DIGITS.fullmatch(content):
        # A crash while this is written does no harm: nobody has seen the name before it is back.
        content = secrets.token_hex(6).encode()
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, content, 0)
        os.fsync(descriptor)
        sync_folder(path.parent)
    return content.decode()
