"""Moving forget requests through their life: what an officer decides."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

from gateway.admin.clocks import extended
from gateway.admin.decisions import Approving, Decision
from gateway.admin.following import check_enforced, followed
from gateway.admin.holding import Held, Holding, refuse_held
from gateway.admin.rights import check_four_eyes, check_version
from gateway.caller import Caller
from gateway.parts import Parts
from gateway.registry.amendment import Amendment
from gateway.registry.case import Case
from gateway.registry.models import Record
from gateway.registry.moving import amended, move
from gateway.registry.status import ACTING, Status

_ACCEPT = (
    'Approve it with {"accept_collateral": true} if that is meant, deny it, or have it filed more '
    "narrowly."
)


@dataclass(frozen=True, slots=True)
class Deciding:
    """What the routes do for who decides."""

    parts: Parts

    async def verify_identity(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Note that it is known who asks; the request waits for approval where that is asked for.

        Raises `NotFound`, `Conflict` and `NotReady`.
        """
        record = await self.move(request_id, Status.PENDING, decision, who)
        if self.parts.settings.approval == "none":
            with contextlib.suppress(Held):
                # In the same breath: what was said of the one is said of both.
                said = Approving(remark=decision.remark, exemption=decision.exemption)
                return await self.approve(request_id, said, who, watched=False)
        return record

    async def approve(
        self,
        request_id: str,
        decision: Approving,
        who: Caller,
        *,
        version: int | None = None,
        watched: bool = True,
    ) -> Record:
        """Enforce a pending request; back once this gateway does. Again changes nothing.

        `version` is the one that was looked at: a filer may have made another meanwhile. Raises
        `NotFound`, `Forbidden`, `Conflict` and `NotReady`, as `ForgetRequests.file` does.
        """
        registry = self.parts.registry
        record = await registry.get(request_id)
        check_version(record, version)
        if record.status not in ACTING:
            if watched:
                check_four_eyes(record, who, self.parts.settings)
            hold = await Holding.here(self.parts).of_record(record)
            if hold is not None and not decision.accept_collateral:
                refuse_held(record, hold, _ACCEPT)
            record = await self._approved(record, hold, decision, who)
            if watched:
                await self._remember(record, decision, who)
        await check_enforced(self.parts.enforcer, record)

        def begin(record: Record) -> Amendment | None:
            if record.status is not Status.APPROVED:
                return None  # every gateway was faster
            by = f"gateway:{self.parts.enforcer.gateway_id}"
            return Amendment("in_progress", by, record.decided, status=Status.IN_PROGRESS)

        return await amended(registry, request_id, begin)

    async def move(
        self,
        request_id: str,
        to: Status,
        decision: Decision,
        who: Caller,
        *,
        watched: bool = False,
    ) -> Record:
        """Pause, lift or deny a request; back once this gateway has followed.

        Also while this gateway does not follow the registry: when it holds a rule that cannot be
        read, taking that back is the way out. `watched` asks for four eyes. Raises `Forbidden`,
        `Conflict` and `RegistryUnavailable`.
        """
        if watched:
            record = await self.parts.registry.get(request_id)
            check_four_eyes(record, who, self.parts.settings)
        record = await self._moved(request_id, to, decision, who)
        await followed(self.parts.enforcer, record.revision)
        return record

    async def resume(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Enforce a paused request again; back once this gateway does."""
        record = await self._moved(request_id, Status.IN_PROGRESS, decision, who)
        await check_enforced(self.parts.enforcer, record)
        return record

    async def extend(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Move the due date as far as the law lets; raises `NotFound` and `Conflict`."""

        def decide(record: Record) -> Amendment:
            case = replace(decision.noted(record, who), extended=True)
            due = extended(record, self.parts.metrics.surroundings.now())
            return Amendment("extended", who.id, case, due=due)

        record = await amended(self.parts.registry, request_id, decide)
        await self._remember(record, decision, who)
        return record

    async def _approved(
        self, tried: Record, hold: dict[str, Any] | None, decision: Approving, who: Caller
    ) -> Record:
        """A record after its approval, in the version that was tried."""

        def case(record: Record) -> Case:
            check_version(record, tried.version)
            accepted = None if hold is None else hold | {"accepted": True}
            return replace(decision.noted(record, who), hold=accepted)

        registry = self.parts.registry
        return await move(registry, tried.id, Status.APPROVED, who.id, case=case)

    async def _moved(self, request_id: str, to: Status, decision: Decision, who: Caller) -> Record:
        moved = False

        def case(record: Record) -> Case:
            nonlocal moved
            moved = True
            return decision.noted(record, who)

        record = await move(self.parts.registry, request_id, to, who.id, case=case)
        if moved:
            await self._remember(record, decision, who)
        return record

    async def _remember(self, record: Record, decision: Decision, who: Caller) -> None:
        """Keep a remark as a note too: the next decision puts its own in its place."""
        if decision.remark:
            await self.parts.registry.note(record.id, decision.remark, who.id)
