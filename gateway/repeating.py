"""Work that is done again and again in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.errors import LetheError, frames

log = logging.getLogger(__name__)


@asynccontextmanager
async def repeating(
    work: Callable[[], Awaitable[object]], every_s: float, doing: str
) -> AsyncIterator[None]:
    """Do some work now and every few seconds after it is done, until the context ends.

    What fails is tried again: trouble of Lethe's own is told by whoever has it, anything else is
    logged by its kind and place. `doing` says in the log what was done: "looking around".
    """

    async def repeat() -> None:
        while True:
            try:
                await work()
            except LetheError:
                pass
            except Exception as error:
                log.error("%s while %s\n%s", type(error).__name__, doing, frames(error))
            await asyncio.sleep(every_s)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
