"""Where a forget request stands, and what it may become."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where a forget request stands.

    One that is `IDENTITY_UNVERIFIED` or `PENDING` waits: for proof of who asks, for an officer's
    approval. `APPROVED` and `IN_PROGRESS` act already; `COMPLETED` says that every gateway does.
    """

    IDENTITY_UNVERIFIED = "identity_unverified"
    PENDING = "pending"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PAUSED = "paused"
    LIFTED = "lifted"
    CANCELLED = "cancelled"
    DENIED = "denied"
    EXPIRED = "expired"


WAITING = frozenset({Status.IDENTITY_UNVERIFIED, Status.PENDING})
"""Nobody has decided yet; enforced only where a filing says `provisional`."""

ACTING = frozenset({Status.APPROVED, Status.IN_PROGRESS, Status.COMPLETED})
"""Enforced in any case."""

UNANSWERED = WAITING | {Status.APPROVED, Status.IN_PROGRESS}
"""The clock of the regulation runs."""

MOVES: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.IDENTITY_UNVERIFIED}),
    Status.APPROVED: frozenset({Status.PENDING}),
    Status.IN_PROGRESS: frozenset({Status.APPROVED, Status.PAUSED}),
    Status.PAUSED: ACTING,
    Status.LIFTED: ACTING | {Status.PAUSED},
    Status.CANCELLED: UNANSWERED | {Status.PAUSED},
    Status.DENIED: WAITING,
    Status.EXPIRED: WAITING,
}
"""What a request may become, and from where. Completing is the registry's own doing."""


def acts(status: Status, provisional: bool) -> bool:
    """Whether a request with this status acts on prompts."""
    return status in ACTING or (provisional and status in WAITING)
