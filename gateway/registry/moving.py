"""Moving forget requests on: what may become what, whoever else changes them meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.errors import Conflict
from gateway.registry import common
from gateway.registry.amendment import Amendment
from gateway.registry.case import Case
from gateway.registry.models import Record
from gateway.registry.status import MOVES, Status
from gateway.registry.store import Registry

_TRIES = 20


async def amended(
    registry: Registry, request_id: str, decide: Callable[[Record], Amendment | None]
) -> Record:
    """A record after an amendment that is decided on as it stands, again where others were faster.

    None leaves the record as it is. Raises `NotFound`, `Conflict`, and whatever `decide` raises.
    """
    for _ in range(_TRIES):
        record = await registry.get(request_id)
        amendment = decide(record)
        if amendment is None:
            return record
        try:
            return await registry.amend(record, amendment)
        except Conflict as error:
            if error.code != "changed":
                raise
    raise common.changed_since(request_id)


def undecided(record: Record, by: str) -> Case:
    """What is noted of a move that has no reasons of its own."""
    return replace(record.decided, decided_by=by, reason=None, remark=None)


async def move(
    registry: Registry,
    request_id: str,
    to: Status,
    by: str,
    case: Callable[[Record], Case] | None = None,
) -> Record:
    """Move a request to another status; one that has it already stays as it is.

    `case` says what is noted of it. Raises `NotFound`, and `Conflict` where the present status
    does not lead there.
    """

    def decide(record: Record) -> Amendment | None:
        if record.status is to:
            return None
        if record.status not in MOVES.get(to, ()):
            raise common.immovable(request_id, record.status, to)
        noted = undecided(record, by) if case is None else case(record)
        return Amendment(to.value, by, noted, status=to)

    return await amended(registry, request_id, decide)
