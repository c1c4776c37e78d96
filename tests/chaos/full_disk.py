"""The disk of the embedded Redis and of the snapshot is full.

Needs root, for a small file system of its own.

python -m tests.chaos.full_disk [--seconds 30]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.bench.servers import server, url
from tests.chaos.brimful import Brimful
from tests.chaos.fleet import BRISK
from tests.chaos.outcome import tell
from tests.chaos.planted import Witness
from tests.running import Running

_SIZE = 8 * 2**20
_LEFT = 2**18
"""Bytes of the file system, and of those what is left before filings fill it."""


def may_mount() -> bool:
    """Whether this process can have a file system of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return os.geteuid() == 0 and _mount(Path(folder)) and _unmount(Path(folder))


async def full_disk(folder: Path, *, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong."""
    data = folder / "gateway"
    data.mkdir()
    with mounted(data), server("tests.chaos.telling", folder) as stub:
        gateway = Running(data, url(stub), BRISK)
        try:
            gateway.start()
            witness = Witness([str(gateway.http.base_url).rstrip("/")])
            async with witness.session() as http:
                await witness.file(http)
                ballast = data / "ballast"
                free = os.statvfs(data)
                ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - _LEFT))
                found = await Brimful(witness, "disk").overflow(http, seconds, ballast.unlink)
        finally:
            gateway.stop()
    return {"seconds": seconds, **found}, witness.wrong


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    if not _mount(folder):
        raise PermissionError(f"No file system can be mounted on {folder}.")
    try:
        yield
    finally:
        _unmount(folder)


def _mount(folder: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "lethe-chaos", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(folder: Path) -> bool:
    command = ["umount", "--lazy", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main() -> None:
    """Fill it, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30, help="without room")
    asked = parser.parse_args()
    if not may_mount():
        tell({"skipped": "only root may mount a small file system"}, ())
    with tempfile.TemporaryDirectory(prefix="lethe-full-") as folder:
        tell(*asyncio.run(full_disk(Path(folder), seconds=asked.seconds)))


if __name__ == "__main__":
    main()
