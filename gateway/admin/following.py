"""Whether this gateway follows the registry, and enforces by now what was recorded there."""

from __future__ import annotations

from gateway.enforcement import Enforcer
from gateway.errors import NotReady, RegistryUnavailable
from gateway.registry.models import Record

_OWN_S = 5.0


async def followed(enforcer: Enforcer, revision: int) -> bool:
    """Wait until this gateway enforces a revision; False when that takes some seconds."""
    return await enforcer.reached(revision, _OWN_S)


async def check_enforced(enforcer: Enforcer, record: Record) -> None:
    """Raises `NotReady` unless this gateway enforces a record in time.

    The officer may ask the model right after the answer: this gateway must not tell then.
    """
    if await followed(enforcer, record.revision):
        return
    raise NotReady(
        f"The forget request {record.id} is recorded, but this gateway does not enforce "
        "it yet: it will as soon as it follows the registry again, see /readyz. Filing "
        "again with the same subject_request_id is safe; without one, ask for it by its "
        "id instead.",
        code="recorded_not_enforced",
    )


def check_following(enforcer: Enforcer) -> None:
    """Raises `RegistryUnavailable` while the registry is not followed.

    At once: asking the registry would end in a time-out.
    """
    if enforcer.connected:
        return
    problems = enforcer.problems()
    why = problems[0] if problems else enforcer.trouble or "Redis does not answer."
    raise RegistryUnavailable(
        f"Filings are not taken now: {why} What was filed before stays enforced; "
        "file again when /readyz answers 200.",
        code="registry_unavailable",
    )
