"""Steering vectors for requests that have none yet, captured through the running engine."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

from gateway.enforcement import Enforcer
from gateway.engines.engine import Engine
from gateway.engines.rules import variants_of, with_vectors
from gateway.engines.steering import Steering
from gateway.engines.texts import has_texts
from gateway.engines.variants import Variant
from gateway.errors import Conflict, LetheError, NotFound, frames
from gateway.registry.models import Record
from guards import Action
from steering import SteeringError

log = logging.getLogger(__name__)

_LOOK_S = 1.0
_TOGETHER = 16
"""Requests after which is looked for newer ones: a filing must not wait behind old ones."""
_CLAIM_S = 60.0
"""Seconds after which what was begun may be tried again, by this gateway or another."""
_LONGEST_S = 3_600.0


@dataclass(frozen=True, slots=True)
class _Task:
    """When to look at a request next, and how long to wait after that."""

    when: float = 0.0
    pause_s: float = _CLAIM_S

    def later(self) -> _Task:
        """The same task after one more attempt, which may fail."""
        return _Task(time.monotonic() + self.pause_s, min(2 * self.pause_s, _LONGEST_S))


@dataclass(slots=True)
class Captures:
    """Finds enforced requests without vectors for an engine's model, and makes them.

    One gateway makes them for all: the registry says which. What cannot be made now is tried
    again when the claim has run out.
    """

    engine: Engine
    enforcer: Enforcer
    steering: Steering
    _seen: tuple[Variant | None, int] = (None, 0)
    _waiting: dict[str, _Task] = field(default_factory=dict)
    """By the id of a request that lacks vectors."""
    _told: str = ""

    async def run(self) -> None:
        """Capture until cancelled."""
        while True:
            revision, more = self.enforcer.rules.revision, False
            try:
                if (variant := self._variant()) is not None:
                    more = await self._some(variant)
            except Exception as error:  # the next look may go well
                self._tell(error)
            if not more:
                await self.enforcer.reached(revision + 1, _LOOK_S)

    def _variant(self) -> Variant | None:
        """What vectors are to be made for; None while the engine cannot be steered."""
        if not self.engine.steerable or self.engine.status is None:
            return None
        return self.steering.variant(self.engine.status)

    async def _some(self, variant: Variant) -> bool:
        """Make vectors for some requests that lack them; says whether more are waiting."""
        await self._note(variant)
        due = [name for name, task in self._waiting.items() if task.when <= time.monotonic()]
        for name in due[-_TOGETHER:]:
            record = self.enforcer.holdings.records.get(name)
            if record is None or variant.key in variants_of(record):
                del self._waiting[name]
                continue
            self._waiting[name] = self._waiting[name].later()
            work = f"capture:{name}:{variant.key}"
            try:
                if await self.enforcer.registry.claim(work, self.enforcer.gateway_id, _CLAIM_S):
                    await self._one(record, variant)
            except (LetheError, SteeringError) as error:
                self._tell(error)  # of one request: the others may go well
        return len(due) > _TOGETHER

    async def _note(self, variant: Variant) -> None:
        """Put what has changed since the last look, and has no vectors, on the list."""
        held, (seen, revision) = self.enforcer.holdings, self._seen
        changed = self.enforcer.changed_since(revision) if seen == variant else None

        def lacking() -> list[str]:
            names = held.records if changed is None else changed
            found = (held.records.get(name) for name in names)
            return [r.id for r in found if r is not None and variant.key not in variants_of(r)]

        if seen != variant:
            self._waiting.clear()
            # So that the first filing need not wait for it.
            await self.steering.ready(self.engine, variant)
        for name in await asyncio.to_thread(lacking):
            self._waiting.setdefault(name, _Task())
        self._seen = variant, held.rules.revision

    async def _one(self, record: Record, variant: Variant) -> None:
        """Make the vectors of one request and keep them in the registry."""
        filing = record.filing
        if filing.action is Action.OBSERVE or not has_texts(filing):
            del self._waiting[record.id]  # never acted on, or nothing but strings to ban
            return
        vectors = await self.steering.vectors(record, self.engine, variant)
        try:
            newest = await self.enforcer.registry.get(record.id)
            if newest.enforced and newest.version == record.version:
                steering = with_vectors(newest, variant, vectors)
                by = f"gateway:{self.enforcer.gateway_id}"
                await self.enforcer.registry.steer(newest, steering, by)
        except (Conflict, NotFound):
            self._waiting[record.id] = _Task()  # it has changed meanwhile: look again

    def _tell(self, error: Exception) -> None:
        """Log trouble once, not at every attempt; of an unexpected one only where it arose."""
        expected = isinstance(error, LetheError | SteeringError)
        told = str(error) if expected else f"{type(error).__name__}\n{frames(error)}"
        if told != self._told:
            log.warning("Steering vectors are not made: %s", told)
            self._told = told
