"""Counters as they were told last, for whoever looks at an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_PATIENCE = 0.5
"""Seconds that a look waits. Workers answer between two steps, and a step may take long; who looks
would take an engine that does not answer for one that is gone."""

Counters = dict[str, int]


class Latest:
    """Asks for counters, once at a time, and gives the last known where the answer takes long."""

    def __init__(self, ask: Callable[[], Awaitable[Counters]]) -> None:
        self._ask = ask
        self._known: Counters = {}
        self._asking: asyncio.Task[None] | None = None

    async def look(self) -> Counters:
        """The counters; empty before the first answer. Raises what asking raises."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._learn())
        asking = self._asking
        await asyncio.wait([asking], timeout=_PATIENCE)
        if asking.done():
            self._asking = None if self._asking is asking else self._asking
            asking.result()
        return self._known

    async def _learn(self) -> None:
        self._known = await self._ask()
