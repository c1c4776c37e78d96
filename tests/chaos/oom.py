"""Redis has reached its maxmemory and evicts nothing.

python -m tests.chaos.oom [--seconds 30]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from tests.chaos.brimful import Brimful
from tests.chaos.fleet import running
from tests.chaos.outcome import tell
from tests.chaos.planted import Witness

_LEFT = 300_000
"""Bytes."""


async def oom(folder: Path, *, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong."""
    with running(folder, 1) as fleet, fleet.store.client() as redis:
        witness = Witness(fleet.urls)
        async with witness.session() as http:
            await witness.file(http)
            used: Any = redis.info("memory")
            redis.config_set("maxmemory", used["used_memory"] + _LEFT)
            room = partial(redis.config_set, "maxmemory", 0)
            found = await Brimful(witness, "maxmemory").overflow(http, seconds, room)
    return {"seconds": seconds, **found}, witness.wrong


def main() -> None:
    """Fill it, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30, help="without room")
    with tempfile.TemporaryDirectory(prefix="lethe-oom-") as folder:
        tell(*asyncio.run(oom(Path(folder), seconds=parser.parse_args().seconds)))


if __name__ == "__main__":
    main()
