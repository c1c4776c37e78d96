"""How much room there is where the embedded Redis and the snapshots are kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_LOW_SHARE = 0.05
_LOW_BYTES = 2**30
_NONE_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Room:
    """The disk of a folder; without a folder, somebody else sees to it."""

    folder: Path | None

    @property
    def low(self) -> bool:
        """Whether less than 1 GiB or a twentieth of the disk is left."""
        return self._left(_LOW_BYTES, _LOW_SHARE)

    @property
    def full(self) -> bool:
        """Whether there is too little for Redis to go on: under 1 MiB."""
        return self._left(_NONE_BYTES, 0.0)

    def _left(self, size: int, share: float) -> bool:
        """Whether fewer bytes or a smaller share of the disk are left."""
        if self.folder is None:
            return False
        try:
            disk = shutil.disk_usage(self.folder)
        except OSError:  # not there yet, or not ours to see
            return False
        return disk.free < max(size, share * disk.total)
