"""Steering vectors for requests that have none yet, captured through the running engine."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

from gateway.enforcement import Enforcer
from gateway.engines.engine import Engine
from gateway.engines.rules import with_vectors
from gateway.engines.status import EngineStatus
from gateway.engines.steering import Steering
from gateway.engines.texts import forget_texts
from gateway.errors import Conflict, LetheError, NotFound, frames
from gateway.registry.models import Record
from guards import Action
from steering import SteeringError

log = logging.getLogger(__name__)

_LOOK_S = 1.0
_TOGETHER = 16
"""Requests after which is looked for newer ones: a filing must not wait behind old ones."""
_CLAIM_S = 60.0
"""Seconds after which another gateway may try what one has begun."""


@dataclass(slots=True)
class Captures:
    """Finds enforced requests without vectors for an engine's model, and makes them.

    One gateway makes them for all: the registry says which. What cannot be made now is tried
    again when the claim has run out.
    """

    engine: Engine
    enforcer: Enforcer
    steering: Steering
    _seen: tuple[str, int] = ("", 0)
    _waiting: dict[str, float] = field(default_factory=dict)
    """Ids of requests to look at, and from when on."""

    async def run(self) -> None:
        """Capture until cancelled."""
        while True:
            revision, more = self.enforcer.rules.revision, False
            try:
                if self.engine.steerable and self.engine.status is not None:
                    more = await self._some(self.engine.status)
            except (LetheError, SteeringError) as error:
                log.warning("Steering vectors are not made: %s", error)
            except Exception as error:  # the next request may go well
                log.error("Steering vectors are not made: %s\n%s", type(error), frames(error))
            if not more:
                await self.enforcer.reached(revision + 1, _LOOK_S)

    async def _some(self, status: EngineStatus) -> bool:
        """Make vectors for the newest requests that lack them; says whether more are waiting."""
        await self._note(status)
        due = [name for name, when in self._waiting.items() if when <= time.monotonic()]
        for name in due[-_TOGETHER:]:
            record = self.enforcer.holdings.records.get(name)
            if record is None or self.steering.made(record, status):
                del self._waiting[name]
                continue
            self._waiting[name] = time.monotonic() + _CLAIM_S
            work = f"capture:{name}:{status.fingerprint}:{self.steering.alpha}"
            if await self.enforcer.registry.claim(work, self.enforcer.gateway_id, _CLAIM_S):
                await self._one(record, status)
        return len(due) > _TOGETHER

    async def _note(self, status: EngineStatus) -> None:
        """Put what has changed since the last look, and has no vectors, on the list."""
        held, (fingerprint, revision) = self.enforcer.holdings, self._seen
        same = fingerprint == status.fingerprint
        changed = self.enforcer.changed_since(revision) if same else None

        def lacking() -> list[str]:
            names = held.records if changed is None else changed
            found = (held.records.get(name) for name in names)
            return [r.id for r in found if r is not None and not self.steering.made(r, status)]

        if not same:  # so that the first filing need not wait for it
            await self.steering.ready(self.engine, status)
        self._waiting |= dict.fromkeys(await asyncio.to_thread(lacking), 0.0)
        self._seen = status.fingerprint, held.rules.revision

    async def _one(self, record: Record, status: EngineStatus) -> None:
        """Make the vectors of one request and keep them in the registry."""
        filing = record.filing
        if filing.action is Action.OBSERVE or not forget_texts(filing):
            del self._waiting[record.id]  # never acted on, or nothing but strings to ban
            return
        vectors = await self.steering.vectors(record, self.engine, status)
        try:
            newest = await self.enforcer.registry.get(record.id)
            if newest.status.enforced and newest.version == record.version:
                steering = with_vectors(newest, status.fingerprint, vectors)
                await self.enforcer.registry.steer(newest, steering)
        except (Conflict, NotFound):
            self._waiting[record.id] = 0.0  # it has changed meanwhile: look again
