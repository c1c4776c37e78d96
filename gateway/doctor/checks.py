"""All checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.doctor import engines, outside, serving, store
from gateway.doctor.facts import Facts, Finding
from gateway.unreached import why_unreached

Check = Callable[[Facts], Iterator[Finding]]

_CHECKS: tuple[Check, ...] = (
    outside.health,
    outside.transport,
    outside.authentication,
    outside.key,
    outside.clock,
    store.replicas,
    store.redis,
    store.disk,
    engines.steerable,
    engines.unreachable,
    serving.verdicts,
    serving.refusal,
    serving.retained,
    serving.chat,
    serving.stream,
)


def findings(facts: Facts) -> list[Finding]:
    """What all checks say; where nothing answers, that alone."""
    if facts.health.error is not None:
        told, mend = why_unreached(facts.base, facts.health.error)
        return [Finding("reachable", "fail", f"{told}.", f"{mend[0].upper()}{mend[1:]}.")]
    return [finding for check in _CHECKS for finding in check(facts)]
