"""Tells the registry in the background what this gateway did: that it started, outcomes, traces."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from gateway import __version__
from gateway.audit.outcomes import Outcomes
from gateway.audit.traces import Traces
from gateway.errors import LetheError, frames
from gateway.registry.audit import Deed
from gateway.registry.store import Registry
from gateway.settings import Settings

log = logging.getLogger(__name__)

_EVERY_S = 5.0


@asynccontextmanager
async def recording(
    registry: Registry, settings: Settings, gateway_id: str
) -> AsyncIterator[Recorder]:
    """A recorder that runs: the start of this gateway is the first that it tells."""
    names = {"layers", "approval", "four_eyes", "auth", "forget_intent", "collateral_limit"}
    chosen = settings.model_dump(mode="json", include=names | {"trace_sample"})
    details = {"version": __version__, **chosen}
    started = Deed("gateway_started", f"gateway:{gateway_id}", details=details)
    outcomes = Outcomes(registry.outcomes, settings.outcomes_days)
    traces = Traces(registry.traces, settings.trace_sample, settings.trace_hours)
    async with Recorder(registry, outcomes, traces, started) as recorder:
        yield recorder


class Recorder:
    """Does that every few seconds, and once more at the end; an async context manager.

    While the registry is away, what was not told waits.
    """

    def __init__(
        self, registry: Registry, outcomes: Outcomes, traces: Traces, started: Deed
    ) -> None:
        self._registry = registry
        self.outcomes = outcomes
        self.traces = traces
        self._started: Deed | None = started
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._record())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.outcomes.finish()
        with contextlib.suppress(LetheError):
            await self.traces.flush()

    async def _record(self) -> None:
        while True:
            try:
                await self._tell()
            except LetheError:
                pass  # it waits; what it is, the enforcer tells
            except Exception as error:
                log.error("%s while recording\n%s", type(error).__name__, frames(error))
            await asyncio.sleep(_EVERY_S)

    async def _tell(self) -> None:
        if self._started is not None:
            await self._registry.log(self._started)
            self._started = None
        await self.outcomes.flush()
        await self.traces.flush()
