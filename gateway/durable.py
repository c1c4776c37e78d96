"""Small files that must outlive a crash of the machine."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder that is ours alone, with those above it; raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk: syncing a file does not do that for its name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create_once(path: Path, content: bytes) -> None:
    """Create a file with mode 600 that is there whole or not at all; keeps one that is there.

    Raises `OSError`.
    """
    # Unlike a rename, a link never replaces what another process was faster to put there.
    with _written(path, content) as temporary, contextlib.suppress(FileExistsError):
        os.link(temporary, path)


def write_whole(path: Path, content: bytes) -> None:
    """Put a file with mode 600 in the place of the one that is there, which else stays as it is.

    Raises `OSError`.
    """
    with _written(path, content) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """The content on disk beside the file, under a name of its own; gone at the end."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
