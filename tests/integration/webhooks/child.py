"""A dispatcher in a process of its own, to be killed: `python -m … URL NAME`."""

from __future__ import annotations

import asyncio
import sys

from gateway.registry.redis_store import RedisRegistry
from gateway.webhooks import dispatcher, retrying
from tests.integration.registry.support import CIPHER
from tests.integration.webhooks.conftest import dispatching

dispatcher._LOOK_S = 0.02
dispatcher._CLAIM_S = 0.3
retrying.DELAYS_S = (0.02,) * 9  # type: ignore[assignment]


async def main(url: str, name: str) -> None:
    registry = RedisRegistry(url, CIPHER)
    await registry.open()
    async with dispatching(registry, timeout_s=0.4, name=name):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
