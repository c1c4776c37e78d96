"""Answering with forget requests: once all gateways enforce them where that is asked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.admin.polling import pauses
from gateway.admin.views import request_view
from gateway.errors import RegistryUnavailable
from gateway.layers import SETTLED
from gateway.parts import Parts
from gateway.registry.errors import RegistryError
from gateway.registry.models import Record, Replica
from gateway.registry.status import ACTING, UNANSWERED

_REGISTRY_TROUBLE = (RegistryUnavailable, RegistryError)
_TO_ACKNOWLEDGE = ACTING & UNANSWERED


@dataclass(frozen=True, slots=True)
class Showing:
    """What the routes answer with a record."""

    parts: Parts

    async def settled(self, record: Record, wait_s: float, engines: bool) -> Record:
        """Wait until all gateways acknowledged (and all engines, when asked), or time is up.

        The filing has been accepted: trouble with the registry ends the wait, and is no error.
        """
        if not wait_s:
            return record
        deadline, pause = time.monotonic() + wait_s, pauses()
        with contextlib.suppress(*_REGISTRY_TROUBLE):
            while time.monotonic() < deadline:
                gateways = await self.parts.registry.gateways()
                # A vector that was captured meanwhile is another revision.
                record = await self.parts.registry.get(record.id)
                if self._settled(record, gateways, engines):
                    break
                await asyncio.sleep(next(pause))
            return await self.parts.registry.get(record.id)
        return record

    def _settled(self, record: Record, gateways: Sequence[Replica], engines: bool) -> bool:
        """Whether all gateways enforce a record, and all layers act where that is asked."""
        if record.status in _TO_ACKNOWLEDGE:
            return False
        if any(gateway.revision < record.revision for gateway in gateways):
            return False
        if not engines:
            return True
        states = self.parts.layers.states_of(record, gateways)
        return all(state in SETTLED for state in states.values())

    async def view(self, record: Record) -> dict[str, Any]:
        """A record as it is answered."""
        return self.view_beside(record, await self.parts.registry.gateways())

    async def view_after(self, record: Record) -> dict[str, Any]:
        """The same after a change: what has happened is answered, whatever happens next."""
        gateways: tuple[Replica, ...] = ()
        with contextlib.suppress(*_REGISTRY_TROUBLE):
            gateways = await self.parts.registry.gateways()
        return self.view_beside(record, gateways)

    def view_beside(self, record: Record, gateways: Sequence[Replica]) -> dict[str, Any]:
        """A record as it is answered, with the replicas already known."""
        parts = self.parts
        return request_view(
            record,
            gateways,
            parts.layers,
            parts.metrics.observed_of(record.id),
            parts.enforcer.compiler,
            now=parts.metrics.surroundings.now(),
            suspected=parts.monitor.suspects(record.id),
        )
