"""What follows from an attempt: delivered, tried again later, or given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.registry.hooks import Delivery
from gateway.webhooks.sending import Outcome

DELAYS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After each failed attempt; some three days together, as Standard Webhooks advises."""
_JITTER = 0.2
NOBODY = ("removed", "disabled")
"""Why there is no recipient to send to any more."""


def after(
    delivery: Delivery, outcome: Outcome, time: datetime, chance: float
) -> tuple[Delivery, timedelta | None]:
    """A delivery after an attempt at a time, and after what delay it is tried again.

    None: not any more. `chance` in [0, 1) lets those that failed together come back apart.
    """
    tried = replace(
        delivery,
        tries=delivery.tries + 1,
        last_status=outcome.status,
        last_error=outcome.error,
        last_time=time,
    )
    if outcome.delivered:
        return ended(tried, delivered=True), None
    if outcome.gone or outcome.error in NOBODY or tried.tries > len(DELAYS_S):
        return ended(tried, delivered=False), None
    return tried, timedelta(seconds=DELAYS_S[tried.tries - 1] * (1 + _JITTER * chance))


def ended(delivery: Delivery, *, delivered: bool) -> Delivery:
    """A delivery that is not tried again: what it said and its address are not kept."""
    return replace(delivery, state="delivered" if delivered else "given_up", body={}, url=None)
