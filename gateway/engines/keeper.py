"""Keeps one engine at the revision that this gateway enforces."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Collection
from itertools import islice

from gateway.enforcement import Enforcer
from gateway.engines.engine import Engine
from gateway.engines.link import EngineTrouble, NoPlugin, OutOfStep
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

    async def run(self) -> None:
        """Keep the engine until cancelled; trouble is told once, not once per attempt."""
        while True:
            revision = self._enforcer.rules.revision
            try:
                await self._step()
                self._engine.missing = None
            except OutOfStep:
                continue  # another gateway was faster; look again
            except (EngineTrouble, SteeringError) as error:
                self._lost(str(error), loud=not isinstance(error, NoPlugin))
            except Exception as error:  # one engine must not end the care for it
                self._lost(f"{type(error).__name__}\n{frames(error)}", loud=True)
            await self._enforcer.reached(revision + 1, _LOOK_S)

    def _lost(self, why: str, *, loud: bool) -> None:
        if self._engine.missing != why:
            log.log(logging.WARNING if loud else logging.INFO, "Engine: %s", why)
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
        elif await self._mine(status):
            await self._push_all(held, status)
        engine.status = await engine.link.status()

    async def _mine(self, status: EngineStatus) -> bool:
        """Whether it is on this gateway to give the engine everything: two would undo each other.

        Without the registry nobody can be asked, and an engine that holds nothing helps nobody.
        """
        work = f"push:{status.boot_id}"
        try:
            return await self._enforcer.registry.claim(work, self._enforcer.gateway_id, _PUSH_S)
        except LetheError:
            return True

    async def _push_all(self, held: Holdings, status: EngineStatus) -> None:
        """Everything, in parts; the engine is at the revision only with the last of them."""
        token, epoch = secrets.token_hex(8), held.epoch or ""
        how = {"push": token}
        await self._engine.link.push(epoch, 0, (), (), {**how, "reset": True})
        records = iter(held.records.values())
        while batch := list(islice(records, _BATCH)):
            put = await asyncio.to_thread(_made, batch, status.fingerprint)
            await self._engine.link.push(epoch, 0, put, (), how)
        await self._engine.link.push(epoch, held.rules.revision, (), (), how)

    async def _push_changes(
        self, held: Holdings, status: EngineStatus, changed: Collection[str]
    ) -> None:
        fresh = [held.records[name] for name in changed if name in held.records]
        gone = [name for name in changed if name not in held.records]
        put = await asyncio.to_thread(_made, fresh, status.fingerprint)
        await self._engine.link.push(
            held.epoch or "", held.rules.revision, put, gone, {"base": status.revision}
        )


def _made(records: Collection[Record], fingerprint: str) -> list[EngineRule]:
    """Rules as the engine holds them. One that cannot be made is left out, and told.

    What is matched by it is refused then, for the engine does not hold it.
    """
    made = []
    for record in records:
        try:
            made.append(engine_rule(record, fingerprint))
        except (LetheError, SteeringError) as error:
            log.error("%s cannot be given to an engine: %s", record.id, error)
    return made
