"""What officers decided about a forget request, and why: kept sealed beside the filing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from gateway.registry.filed import unreadable


@dataclass(frozen=True, slots=True)
class Case:
    """Who filed and who decided (ids of API keys), and the reason for the present status.

    `edited_by` are those who filed later versions. `reason` is a code: of a denial one of the Data
    Rights Protocol's. `remark` is in an officer's words. `exemption` names what the law lets stand.
    `extended` says that the due date was moved; `hold` why a filing was not enforced at once, as
    codes and counts; `completed` that it has been completed, in this version or an earlier one.
    """

    filed_by: str = ""
    edited_by: tuple[str, ...] = ()
    decided_by: str | None = None
    reason: str | None = None
    remark: str | None = None
    exemption: str | None = None
    extended: bool = False
    hold: dict[str, Any] | None = None
    completed: bool = False


def pack_case(case: Case) -> bytes:
    """A case as JSON, not encrypted; what says nothing is left out."""
    return orjson.dumps({name: value for name, value in asdict(case).items() if value})


def unpack_case(packed: bytes) -> Case:
    """The case of `pack_case`, an empty one of no bytes; raises `Unreadable`."""
    try:
        fields = orjson.loads(packed) if packed else {}
        return Case(**fields | {"edited_by": tuple(fields.get("edited_by", ()))})
    except (TypeError, ValueError) as error:
        raise unreadable("What was decided about a forget request", error) from None
