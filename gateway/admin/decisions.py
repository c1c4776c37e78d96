"""What officers say when they decide: bodies of the routes, validated."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from gateway.caller import Caller
from gateway.http import validated
from gateway.registry.case import Case
from gateway.registry.models import Record

Remark = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Denial = Literal[
    "suspected_fraud",
    "insuf_verification",
    "no_match",
    "claim_not_covered",
    "outside_jurisdiction",
    "too_many_requests",
    "other",
]
"""The Data Rights Protocol's reasons."""


class Decision(BaseModel):
    """A reason in words, and what the law lets stand (GDPR art. 17(3), say)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str | None = None
    remark: Remark | None = None
    exemption: Short | None = None

    def noted(self, record: Record, who: Caller) -> Case:
        """What is noted of it beside what was noted of a record before."""
        return replace(
            record.decided,
            decided_by=who.id,
            reason=self.reason,
            remark=self.remark,
            exemption=self.exemption or record.decided.exemption,
        )


class Denying(Decision):
    """Why a request is denied."""

    reason: Denial = "other"


class Lifting(Decision):
    """Why the answer comes back."""

    reason: Literal["withdrawn", "counter_notice", "court_order", "mistake", "other"] = "other"


class Pausing(Decision):
    """Why a request does not act for a while."""

    reason: Literal["counter_notice", "legal_hold", "other"] = "other"


class Approving(Decision):
    """An approval; `accept_collateral` lets through what was held for what else it would block."""

    reason: None = None
    accept_collateral: bool = False


class Extending(Decision):
    """Why more time is needed: who asked is to be told."""

    reason: Literal["complexity", "number_of_requests", "other"] = "other"


class Noting(BaseModel):
    """A note on a request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Remark


Body = TypeVar("Body", bound=BaseModel)


def decision(kind: type[Body], body: Any) -> Body:
    """A decision from a decoded JSON body, None for an empty one; errors name the field."""
    return validated(kind, {} if body is None else body)
