"""Tells the registry in the background what this gateway did: that it started, outcomes, traces."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway import __version__
from gateway.audit.outcomes import Outcomes
from gateway.audit.traces import Traces
from gateway.errors import LetheError
from gateway.registry.audit import Deed
from gateway.registry.store import Registry
from gateway.repeating import repeating
from gateway.settings import Settings

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
    recorder = Recorder(registry, outcomes, traces, started)
    try:
        async with repeating(recorder.tell, _EVERY_S, "recording"):
            yield recorder
    finally:
        await recorder.finish()


class Recorder:
    """Does that when it is asked to, and once more at the end.

    While the registry is away, what was not told waits.
    """

    def __init__(
        self, registry: Registry, outcomes: Outcomes, traces: Traces, started: Deed
    ) -> None:
        self._registry = registry
        self.outcomes = outcomes
        self.traces = traces
        self._started: Deed | None = started

    async def finish(self) -> None:
        """Tell what is left; raises nothing for a registry that is away."""
        await self.outcomes.finish()
        with contextlib.suppress(LetheError):
            await self.traces.flush()

    async def tell(self) -> None:
        """Tell what has come together since."""
        if self._started is not None:
            await self._registry.log(self._started)
            self._started = None
        await self.outcomes.flush()
        await self.traces.flush()
