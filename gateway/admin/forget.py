"""Filing forget requests, editing them and taking them back: what a filer does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

from gateway.admin.collateral import checked
from gateway.admin.decisions import Decision
from gateway.admin.filing import compiled, draft, edited, new_id, parse_filing, waiting
from gateway.admin.following import check_enforced, check_following, followed
from gateway.admin.holding import Holding, hold_of_edit
from gateway.admin.rights import check_edit, check_version, check_withdrawal
from gateway.admin.standing import Stood
from gateway.caller import Caller
from gateway.errors import Conflict
from gateway.parts import Parts
from gateway.registry.amendment import Amendment
from gateway.registry.case import Case
from gateway.registry.filing import Filing
from gateway.registry.models import VERSION, Draft, Record
from gateway.registry.moving import amended, move
from gateway.registry.status import ACTING, WAITING, Status
from gateway.webhooks.addresses import Reach
from gateway.webhooks.ordering import check_callbacks
from guards import Rule, dump_rule
from guards.plausible import Doubt

_NEW = Stood()


@dataclass(frozen=True, slots=True)
class ForgetRequests:
    """What the routes do for who files."""

    parts: Parts

    async def file(self, body: Any, caller: Caller, before: Stood = _NEW) -> tuple[Record, bool]:
        """Validate, compile, append; back once this gateway enforces it.

        `before` says where the request stood when it was exported. Raises `InvalidRequest`,
        `Conflict`, `RegistryUnavailable` and, when the filing is recorded but not enforced here
        yet, `NotReady`.
        """
        began = time.perf_counter()
        # A body of megabytes takes a second to read, and chats would wait for it.
        filing = await asyncio.to_thread(parse_filing, body)
        record, new = await self.parts.registry.file(await self._draft(filing, caller.id, before))
        await check_enforced(self.parts.enforcer, record)
        if new:
            took = time.perf_counter() - began
            self.parts.metrics.took("filing", took, revision=record.revision)
        return record, new

    async def check(self, body: Any) -> None:
        """Read and compile a filing, and file nothing: raises `InvalidRequest` as `file` does."""
        await self._rule(await asyncio.to_thread(parse_filing, body))

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
        hold = await Holding.here(self.parts).of(filing, rule, doubted)
        told = None if hold is None else hold.told()
        hold_of_edit(record, told)
        check_following(self.parts.enforcer)

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
        await check_enforced(self.parts.enforcer, record)
        return record

    async def withdraw(self, request_id: str, who: Caller) -> Record:
        """Take back a request that has never been completed; raises as `Deciding.move` does."""
        record = await self.parts.registry.get(request_id)
        if record.status is Status.COMPLETED:
            check_withdrawal(record)

        def case(record: Record) -> Case:
            check_withdrawal(record)
            return Decision().noted(record, who)

        record = await move(self.parts.registry, request_id, Status.CANCELLED, who.id, case=case)
        await followed(self.parts.enforcer, record.revision)
        return record

    async def _draft(self, filing: Filing, by: str, before: Stood = _NEW) -> Draft:
        parts = self.parts
        now = parts.metrics.surroundings.now()
        rule, doubted = await self._rule(filing)
        hold = await Holding.here(self.parts).of(filing, rule, doubted)
        check_following(self.parts.enforcer)
        made = before.draft(draft(filing, rule, by, parts.settings, now), parts.settings)
        return made if hold is None else waiting(made, hold.told())

    async def _rule(self, filing: Filing) -> tuple[Rule, Doubt | None]:
        """What a filing is compiled to, and what an officer should look at in its texts."""
        check_callbacks(filing, Reach.of(self.parts.settings))
        doubted = await asyncio.to_thread(checked, filing)
        rule = await compiled(new_id(), VERSION, filing, self.parts.enforcer.compiler)
        return rule, doubted

    def _check_edit(self, record: Record, version: int | None) -> None:
        check_version(record, version)
        if record.status not in ACTING | WAITING | {Status.PAUSED}:
            raise Conflict(
                f"The forget request {record.id!r} is {record.status}; file another.",
                code="wrong_status",
            )
