"""Filing, approving, lifting and withdrawing forget requests."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from pydantic import ValidationError

from gateway.admin.views import request_view
from gateway.compiling import Compiler
from gateway.engines.rules import forbidden
from gateway.errors import Conflict, InvalidRequest, NotReady, NotSupported, RegistryUnavailable
from gateway.layers import SETTLED
from gateway.parts import Parts
from gateway.registry.errors import RegistryError
from gateway.registry.filing import Filing
from gateway.registry.models import Draft, Record, Replica, Status
from guards import Rule, RuleError, dump_rule
from steering import BadBans, EngineRule

# Days within which a request is to be answered: GDPR art. 12(3) one month, CCPA 45 days; a
# takedown under the DMCA is to be "expeditious", which has no number; 14 is ours.
DAYS = {"gdpr": 30, "uk-gdpr": 30, "ccpa": 45, "dmca": 14, "custom": 30}
_POLL_S = 0.005
_OWN_S = 5.0
_REGISTRY_TROUBLE = (RegistryUnavailable, RegistryError)

# Promised for later versions: named in the contract, so refused as such and not as unknown.
_FIELDS = {"name": "subject.name", "aliases": "subject.aliases", "forbidden": "scope.forbidden"}
_LATER = {"blind": False, "status_callback_urls": []}


@dataclass(frozen=True, slots=True)
class ForgetRequests:
    """What the routes on forget requests do."""

    parts: Parts

    async def file(self, body: Any) -> tuple[Record, bool]:
        """Validate, compile, append; back once this gateway enforces it.

        Raises `InvalidRequest`, `NotSupported`, `Conflict`, `RegistryUnavailable` and, when the
        filing is recorded but not enforced here yet, `NotReady`.
        """
        began = time.perf_counter()
        draft = await self._draft(parse_filing(body))
        record, new = await self.parts.registry.file(draft)
        await self._enforced(record)
        if new:
            took = time.perf_counter() - began
            self.parts.metrics.took("filing", took, revision=record.revision)
        return record, new

    async def propose(self, filing: Filing) -> tuple[Record, bool]:
        """Keep a filing until an officer approves it; False where one about the subject exists.

        Raises `InvalidRequest`, `TooManyPending` and `RegistryUnavailable`.
        """
        return await self.parts.registry.propose(await self._draft(filing))

    async def approve(self, request_id: str) -> Record:
        """Enforce a pending request; back once this gateway does. Again changes nothing.

        Raises `NotFound`, `Conflict` and `NotReady`, as `file` does.
        """
        try:
            record = await self.parts.registry.move(request_id, Status.IN_PROGRESS)
        except Conflict:
            record = await self.parts.registry.get(request_id)
            if record.status is not Status.COMPLETED:
                raise
        await self._enforced(record)
        return record

    async def move(self, request_id: str, to: Status) -> Record:
        """Lift, cancel or deny a request; back once this gateway has dropped the rule.

        Also while this gateway does not follow the registry: when it holds a rule that cannot be
        read, taking that back is the way out. Raises `RegistryUnavailable`.
        """
        record = await self.parts.registry.move(request_id, to)
        await self.parts.enforcer.reached(record.revision, _OWN_S)
        return record

    async def settled(self, record: Record, wait_s: float, engines: bool) -> Record:
        """Wait until all gateways acknowledged (and all engines, when asked), or time is up.

        The filing has been accepted: trouble with the registry ends the wait, and is no error.
        """
        if not wait_s:
            return record
        deadline = time.monotonic() + wait_s
        with contextlib.suppress(*_REGISTRY_TROUBLE):
            while time.monotonic() < deadline:
                gateways = await self.parts.registry.gateways()
                if engines:  # a vector that was captured meanwhile is another revision
                    record = await self.parts.registry.get(record.id)
                if self._settled(record, gateways, engines):
                    break
                await asyncio.sleep(_POLL_S)
            return await self.parts.registry.get(record.id)
        return record

    def _settled(self, record: Record, gateways: Sequence[Replica], engines: bool) -> bool:
        """Whether all gateways enforce a record, and all layers act where that is asked."""
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
        return request_view(record, gateways, self.parts.layers, observed)

    async def _draft(self, filing: Filing) -> Draft:
        now = datetime.now(UTC)
        request_id = "fr_" + secrets.token_hex(10)
        _check_bans(filing)
        rule = await compiled(request_id, filing, self.parts.enforcer.compiler)
        self._registry_in_reach()
        return Draft(
            id=request_id,
            filing=filing,
            rule=dump_rule(rule),
            received_time=now,
            expected_completion_time=now + timedelta(days=DAYS[filing.regulation]),
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
            why = problems[0] if problems else "Redis does not answer."
            raise RegistryUnavailable(
                f"Filings are not taken now: {why} What was filed before stays enforced; "
                "file again when /readyz answers 200.",
                code="registry_unavailable",
            )


async def compiled(request_id: str, filing: Filing, compiler: Compiler) -> Rule:
    """The rule of a filing, computed in a thread; raises `InvalidRequest` with the field."""
    try:
        return await asyncio.to_thread(compiler.compile, request_id, 1, filing)
    except RuleError as error:
        field = _FIELDS.get(error.field or "", "scope")
        raise InvalidRequest(f"{field}: {error}.", param=field, code="unmatchable") from error


def _check_bans(filing: Filing) -> None:
    """Raises `InvalidRequest` for more strings than engines hold of one request."""
    try:
        EngineRule("", 1, bans=forbidden(filing))
    except BadBans as error:
        raise InvalidRequest(f"scope: {error}", param="scope", code="too_many") from error


def parse_filing(body: Any) -> Filing:
    """A filing from a decoded JSON body; errors name the field."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object with a subject or a scope.")
    if "origin" in body:
        raise InvalidRequest(
            "origin: it is noted by the gateway; leave it out.", param="origin", code="not_settable"
        )
    try:
        return Filing.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"] if part != "function-before")
        if field in _LATER and type(body.get(field)) is type(_LATER[field]):
            _later(field)
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidRequest(
            f"{field or 'subject'}: {message}.", param=field or "subject", code=first["type"]
        ) from None


def _later(field: str) -> NoReturn:
    raise NotSupported(
        f"{field}: this value is promised for a later version and not built yet; "
        f"leave the field out.",
        param=field,
        code="not_supported",
    )
