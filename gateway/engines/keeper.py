"""Keeps one engine at the revision that this gateway enforces."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection
from itertools import islice

from gateway.enforcement import Enforcer
from gateway.engines.engine import Engine
from gateway.engines.link import EngineTrouble, NoAnswer, NoPlugin, OutOfStep
from gateway.engines.rules import engine_rule
from gateway.engines.status import EngineStatus
from gateway.errors import LetheError, frames
from gateway.holdings import Holdings
from gateway.registry.models import Record
from steering import EngineRule, SteeringError

log = logging.getLogger(__name__)

_LOOK_S = 1.0
"""Seconds between two looks at an engine while nothing changes."""

_BATCH = 200
"""Rules that are made ready and sent together."""

_PUSH_S = 60.0
"""Seconds after which another gateway may begin to give an engine everything."""


class Keeper:
    """Follows the enforcer, and brings its engine after it.

    After every change, and once a second: an engine that was started anew holds nothing, and is
    given everything before it counts as able to steer.
    """

    def __init__(self, engine: Engine, enforcer: Enforcer) -> None:
        self._engine = engine
        self._enforcer = enforcer
        self._silent = False

    async def run(self) -> None:
        """Keep the engine until cancelled; trouble is told once, not once per attempt."""
        while True:
            revision = self._enforcer.rules.revision
            try:
                await self._step()
                self._engine.missing, self._silent = None, False
            except OutOfStep:
                continue  # another gateway was faster; look again
            except NoAnswer as error:
                # A busy engine may miss one look: what it is asked for it checks itself.
                if self._silent:
                    self._lost(str(error), str(error), loud=True)
                self._silent = True
            except (EngineTrouble, SteeringError) as error:
                self._lost(str(error), str(error), loud=not isinstance(error, NoPlugin))
            except Exception as error:  # one engine must not end the care for it
                kind = type(error).__name__
                self._lost(kind, f"{kind}\n{frames(error)}", loud=True)
            await self._enforcer.reached(revision + 1, _LOOK_S)

    def _lost(self, why: str, told: str, *, loud: bool) -> None:
        if self._engine.missing != why:
            log.log(logging.WARNING if loud else logging.INFO, "Engine: %s", told)
        self._engine.status, self._engine.missing = None, why

    async def _step(self) -> None:
        engine, held = self._engine, self._enforcer.holdings
        status = await engine.link.status()
        engine.status = status
        if held.epoch is None or not self._enforcer.loaded:
            return
        if status.epoch == held.epoch and status.revision >= held.rules.revision:
            return
        changed = (
            self._enforcer.changed_since(status.revision)
            if status.epoch == held.epoch and status.revision
            else None
        )
        if changed is not None:
            await self._push_changes(held, status, changed)
        # Without the registry, what an engine holds may be newer than what this gateway does.
        elif await self._mine(status.boot_id, alone=status.epoch is None):
            await self._push_all(held, status)
        engine.status = await engine.link.status()

    async def _mine(self, boot_id: str, *, alone: bool) -> bool:
        """Whether it is on this gateway to give the engine everything: two would undo each other.

        `alone` is the answer while the registry cannot be asked.
        """
        work = f"push:{boot_id}"
        try:
            return await self._enforcer.registry.claim(work, self._enforcer.gateway_id, _PUSH_S)
        except LetheError:
            return alone

    async def _push_all(self, held: Holdings, status: EngineStatus) -> None:
        """Everything, in parts; the engine is at the revision only with the last of them."""
        token, epoch = secrets.token_hex(8), held.epoch or ""
        how = {"push": token}
        await self._engine.link.push(epoch, 0, (), (), {**how, "reset": True})
        records = iter(held.records.values())
        while batch := list(islice(records, _BATCH)):
            put = await asyncio.to_thread(_made, batch, status)
            await self._engine.link.push(epoch, 0, put, (), how)
            if not await self._mine(status.boot_id, alone=True):
                return  # it took so long that another gateway has begun
        await self._engine.link.push(epoch, held.rules.revision, (), (), {**how, "last": True})

    async def _push_changes(
        self, held: Holdings, status: EngineStatus, changed: Collection[str]
    ) -> None:
        """What has changed, in parts; the engine stays at its revision until the last of them."""
        epoch, how = held.epoch or "", {"base": status.revision}
        fresh = iter([held.records[name] for name in changed if name in held.records])
        gone = [name for name in changed if name not in held.records]
        while batch := list(islice(fresh, _BATCH)):
            put = await asyncio.to_thread(_made, batch, status)
            await self._engine.link.push(epoch, status.revision, put, (), how)
        await self._engine.link.push(epoch, held.rules.revision, (), gone, how)


def _made(records: Collection[Record], status: EngineStatus) -> list[EngineRule]:
    """Rules as the engine holds them. One that cannot be made is left out, and told.

    What is matched by it is refused then, for the engine does not hold it.
    """
    made = []
    for record in records:
        try:
            made.append(engine_rule(record, status))
        except (LetheError, SteeringError) as error:
            log.error("%s cannot be given to an engine: %s", record.id, error)
    return made
