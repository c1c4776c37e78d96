"""What goes on beside something else, until that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def meanwhile(*jobs: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run endless jobs until the block ends; raises what one of them failed with."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
    if failed:
        raise failed[0] or RuntimeError("a job that has no end ended")
