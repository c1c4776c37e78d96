"""Filings and requests are tried on ordinary use before they act."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, NoReturn

from gateway.admin.collateral import Hold, doubtful, enforces, held
from gateway.enforcement import Enforcer
from gateway.errors import Conflict
from gateway.holdings import compiled
from gateway.parts import Parts
from gateway.registry.filing import Filing
from gateway.registry.models import Record
from gateway.registry.status import WAITING
from gateway.sampling import Sampling
from guards import Rule
from guards.plausible import Doubt


class Held(Conflict):
    """A request may not act before an approver has accepted what else it would touch."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Says what waits for an officer; `limit` is the share of the sample that may be touched."""

    sampling: Sampling
    enforcer: Enforcer
    limit: float

    @classmethod
    def here(cls, parts: Parts) -> Holding:
        """That of this gateway, as its settings have it."""
        return cls(parts.sampling, parts.enforcer, parts.settings.collateral_limit)

    async def of(self, filing: Filing, rule: Rule, doubted: Doubt | None) -> Hold | None:
        """Why a filing with this rule may not act yet; None where it may."""
        if not enforces(filing):
            return None
        touched = await self.sampling.touched_by(rule, self.enforcer.rules)
        return held(touched, doubted, self.limit)

    async def of_record(self, record: Record) -> dict[str, Any] | None:
        """The same of a request that waits, as it stands now; what was doubtful stays so."""

        def read() -> tuple[Filing, Rule, Doubt | None]:
            _, rule = compiled(record, self.enforcer.compiler)
            return record.filing, rule, doubtful(record.filing)

        hold = await self.of(*await asyncio.to_thread(read))
        if hold is not None:
            return hold.told()
        kept = record.decided.hold
        return kept if kept and "field" in kept and enforces(record.filing) else None


def accepted_before(record: Record, hold: dict[str, Any]) -> bool:
    """Whether an approver has accepted as much of this request, or more."""
    kept = record.decided.hold
    if kept is None or not kept.get("accepted"):
        return False
    more = any(hold[share] > kept[share] for share in ("rate", "replies_rate"))
    return not more and hold.get("field") in (None, kept.get("field"))


def hold_of_edit(record: Record, hold: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is noted of the hold of a new version: one that was accepted before stays as it was.

    Raises `Held` where the request cannot wait for an officer, for it acts or did before.
    """
    if hold is None:
        return None
    if accepted_before(record, hold):
        return record.decided.hold
    if record.enforced or record.status not in WAITING:
        refuse_held(record, hold, "File what is new by itself: it waits for an approver then.")
    return hold


def refuse_held(record: Record, hold: dict[str, Any], way_out: str) -> NoReturn:
    """Raises `Held` with what a hold is for, and the way out."""
    why, over = [], hold["reason"] == "collateral"
    if over:
        why.append(
            f"it would block {hold['rate']:.1%} of the ordinary prompts of the sample and stop "
            f"{hold['replies_rate']:.1%} of its answers, of which {hold['limit']:.1%} are let pass"
        )
    if field := hold.get("field"):
        why.append(f"{field} is doubtful" + ("" if over else f" ({hold['reason']})"))
    raise Held(
        f"The forget request {record.id!r} is held: {', and '.join(why)}. {way_out}", code="held"
    )
