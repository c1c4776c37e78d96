"""Filing forget requests and moving them through their life."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.admin.clocks import extended
from gateway.admin.collateral import checked
from gateway.admin.decisions import Approving, Decision
from gateway.admin.filing import compiled, draft, edited, new_id, parse_filing, waiting
from gateway.admin.holding import Held, Holding, hold_of_edit, refuse_held
from gateway.admin.polling import pauses
from gateway.admin.rights import (
    check_edit,
    check_four_eyes,
    check_version,
    check_withdrawal,
)
from gateway.admin.views import request_view
from gateway.caller import Caller
from gateway.errors import Conflict, NotReady, RegistryUnavailable
from gateway.layers import SETTLED
from gateway.parts import Parts
from gateway.registry.case import Case
from gateway.registry.errors import RegistryError
from gateway.registry.filing import Filing
from gateway.registry.models import (
    ACTING,
    UNANSWERED,
    VERSION,
    WAITING,
    Amendment,
    Draft,
    Record,
    Replica,
    Status,
)
from gateway.registry.moving import amended, move
from gateway.webhooks.addresses import Reach
from gateway.webhooks.ordering import check_callbacks
from guards import dump_rule

_OWN_S = 5.0
_REGISTRY_TROUBLE = (RegistryUnavailable, RegistryError)
_TO_ACKNOWLEDGE = ACTING & UNANSWERED
_ACCEPT = (
    'Approve it with {"accept_collateral": true} if that is meant, deny it, or have it filed more '
    "narrowly."
)


@dataclass(frozen=True, slots=True)
class ForgetRequests:
    """What the routes on forget requests do."""

    parts: Parts

    async def file(self, body: Any, caller: Caller) -> tuple[Record, bool]:
        """Validate, compile, append; back once this gateway enforces it.

        Raises `InvalidRequest`, `Conflict`, `RegistryUnavailable` and, when the filing is recorded
        but not enforced here yet, `NotReady`.
        """
        began = time.perf_counter()
        # A body of megabytes takes a second to read, and chats would wait for it.
        filing = await asyncio.to_thread(parse_filing, body)
        record, new = await self.parts.registry.file(await self._draft(filing, caller.id))
        await self._enforced(record)
        if new:
            took = time.perf_counter() - began
            self.parts.metrics.took("filing", took, revision=record.revision)
        return record, new

    async def propose(self, filing: Filing, by: str) -> tuple[Record, bool]:
        """Keep a filing until an officer approves it; False where one about the subject exists.

        Raises `InvalidRequest`, `TooManyPending` and `RegistryUnavailable`.
        """
        return await self.parts.registry.propose(await self._draft(filing, by))

    async def edit(self, request_id: str, patch: Any, version: int | None, who: Caller) -> Record:
        """File another version of a request; back once this gateway enforces it.

        `version` is the one that the caller means to change. Raises as `file` does.
        """
        record = await self.parts.registry.get(request_id)
        self._check_edit(record, version)
        filing = await asyncio.to_thread(edited, record.filing, patch)
        if filing == record.filing:
            return record
        check_callbacks(filing, Reach.of(self.parts.settings))
        check_edit(record, filing, who, self.parts.settings)
        doubted = await asyncio.to_thread(checked, filing)
        rule = await compiled(request_id, record.version + 1, filing, self.parts.enforcer.compiler)
        hold = await self._holding.of(filing, rule, doubted)
        told = None if hold is None else hold.told()
        hold_of_edit(record, told)
        self._registry_in_reach()

        def decide(newest: Record) -> Amendment:
            """The same edit of a record that was steered, or completed, meanwhile."""
            check_version(newest, record.version)
            self._check_edit(newest, None)
            check_edit(newest, filing, who, self.parts.settings)
            editors = tuple(dict.fromkeys((*newest.decided.edited_by, who.id)))
            # Approved meanwhile, it would act with what nobody has looked at.
            held = hold_of_edit(newest, told)
            case = replace(newest.decided, hold=held, edited_by=editors)
            return Amendment("amended", who.id, case, filing=filing, rule=dump_rule(rule))

        record = await amended(self.parts.registry, request_id, decide)
        await self._enforced(record)
        return record

    async def verify_identity(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Note that it is known who asks; the request waits for approval where that is asked for.

        Raises `NotFound`, `Conflict` and `NotReady`.
        """
        record = await self.move(request_id, Status.PENDING, decision, who)
        if self.parts.settings.approval == "none":
            with contextlib.suppress(Held):
                return await self.approve(request_id, Approving(), who, watched=False)
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
        `NotFound`, `Forbidden`, `Conflict` and `NotReady`, as `file` does.
        """
        registry = self.parts.registry
        record = await registry.get(request_id)
        check_version(record, version)
        if record.status not in ACTING:
            if watched:
                check_four_eyes(record, who, self.parts.settings)
            hold = await self._holding.of_record(record)
            if hold is not None and not decision.accept_collateral:
                refuse_held(record, hold, _ACCEPT)
            record = await self._approved(record, hold, decision, who)
        await self._enforced(record)

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
        await self.parts.enforcer.reached(record.revision, _OWN_S)
        return record

    async def withdraw(self, request_id: str, who: Caller) -> Record:
        """Take back a request that has never been completed; raises as `move` does."""

        def case(record: Record) -> Case:
            check_withdrawal(record)
            return self._case(record, Decision(), who)

        record = await move(self.parts.registry, request_id, Status.CANCELLED, who.id, case=case)
        await self.parts.enforcer.reached(record.revision, _OWN_S)
        return record

    async def resume(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Enforce a paused request again; back once this gateway does."""
        record = await self._moved(request_id, Status.IN_PROGRESS, decision, who)
        await self._enforced(record)
        return record

    async def extend(self, request_id: str, decision: Decision, who: Caller) -> Record:
        """Move the due date as far as the law lets; raises `NotFound` and `Conflict`."""

        def decide(record: Record) -> Amendment:
            case = replace(self._case(record, decision, who), extended=True)
            due = extended(record, self.parts.metrics.surroundings.now())
            return Amendment("extended", who.id, case, due=due)

        return await amended(self.parts.registry, request_id, decide)

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
        observed = self.parts.metrics.observed_of(record.id)
        parts, compiler = self.parts, self.parts.enforcer.compiler
        suspected = parts.monitor.suspects(record.id)
        return request_view(record, gateways, parts.layers, observed, compiler, suspected=suspected)

    @property
    def _holding(self) -> Holding:
        parts = self.parts
        return Holding(parts.sampling, parts.enforcer, parts.settings.collateral_limit)

    async def _draft(self, filing: Filing, by: str) -> Draft:
        check_callbacks(filing, Reach.of(self.parts.settings))
        doubted = await asyncio.to_thread(checked, filing)
        parts = self.parts
        now = parts.metrics.surroundings.now()
        rule = await compiled(new_id(), VERSION, filing, parts.enforcer.compiler)
        hold = await self._holding.of(filing, rule, doubted)
        self._registry_in_reach()
        made = draft(filing, rule, by, parts.settings, now)
        return made if hold is None else waiting(made, hold.told())

    async def _approved(
        self, tried: Record, hold: dict[str, Any] | None, decision: Approving, who: Caller
    ) -> Record:
        """A record after its approval, in the version that was tried."""

        def case(record: Record) -> Case:
            check_version(record, tried.version)
            accepted = None if hold is None else hold | {"accepted": True}
            return replace(self._case(record, decision, who), hold=accepted)

        registry = self.parts.registry
        return await move(registry, tried.id, Status.APPROVED, who.id, case=case)

    async def _moved(self, request_id: str, to: Status, decision: Decision, who: Caller) -> Record:
        return await move(
            self.parts.registry,
            request_id,
            to,
            who.id,
            case=lambda record: self._case(record, decision, who),
        )

    def _case(self, record: Record, decision: Decision, who: Caller) -> Case:
        """What is noted of a decision beside what was noted before."""
        return replace(
            record.decided,
            decided_by=who.id,
            reason=decision.reason,
            remark=decision.remark,
            exemption=decision.exemption or record.decided.exemption,
        )

    def _check_edit(self, record: Record, version: int | None) -> None:
        check_version(record, version)
        if record.status not in ACTING | WAITING | {Status.PAUSED}:
            raise Conflict(
                f"The forget request {record.id!r} is {record.status}; file another.",
                code="wrong_status",
            )

    async def _enforced(self, record: Record) -> None:
        """Raise `NotReady` unless this gateway enforces a record in time.

        The officer may ask the model right after the answer: this gateway must not tell then.
        """
        if await self.parts.enforcer.reached(record.revision, _OWN_S):
            return
        raise NotReady(
            f"The forget request {record.id} is recorded, but this gateway does not enforce "
            "it yet: it will as soon as it follows the registry again, see /readyz. Filing "
            "again with the same subject_request_id is safe; without one, ask for it by its "
            "id instead.",
            code="recorded_not_enforced",
        )

    def _registry_in_reach(self) -> None:
        """Fail at once, rather than after a time-out, while the registry is not followed."""
        problems = self.parts.enforcer.problems()
        if not self.parts.enforcer.connected:
            trouble = self.parts.enforcer.trouble or "Redis does not answer."
            why = problems[0] if problems else trouble
            raise RegistryUnavailable(
                f"Filings are not taken now: {why} What was filed before stays enforced; "
                "file again when /readyz answers 200.",
                code="registry_unavailable",
            )
