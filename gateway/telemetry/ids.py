"""The id by which one request is known in answers, log lines and traces."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

_HARMLESS = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MADE_BY_MACHINE = re.compile(r"[0-9A-Fa-f-]{16,64}")


@dataclass(frozen=True, slots=True)
class RequestId:
    """`shown` goes back to the client, `logged` into the log: a client's own may hold a name."""

    shown: str
    logged: str

    @classmethod
    def of(cls, given: str) -> RequestId:
        """The client's own id where it is of a harmless form, else a new one.

        It is logged only where it looks like a UUID or a hexadecimal number, and is replaced by
        a new one there otherwise.
        """
        if not _HARMLESS.fullmatch(given):
            own = uuid.uuid4().hex
            return cls(own, own)
        return cls(given, given if _MADE_BY_MACHINE.fullmatch(given) else uuid.uuid4().hex)


current: ContextVar[RequestId | None] = ContextVar("request_id", default=None)
"""The id of the request that is worked on; the one thing here that is not handed in, for log
lines are written by whoever has something to say."""
