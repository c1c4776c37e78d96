"""What went wrong with Redis, in words of our own: its own can quote arguments or addresses."""

from __future__ import annotations

import re

from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from gateway.errors import RegistryUnavailable
from gateway.registry.redis_primary import NoPrimary

RIGHTS = "~{lethe}:* +@all -@dangerous +info +config|get +cluster|slots +client|setname"
"""What a user of Redis needs, as an access rule."""

_NO_MEMORY = "has reached its maxmemory; raise it"
_READ_ONLY = "is a read-only replica; point LETHE_REDIS_URL at the primary"
_MOVING = "is moving Lethe's slot from one node of the cluster to another"
_NO_RIGHTS = f"does not let its user run a command that Lethe needs; grant {RIGHTS}"
_BY_KIND: tuple[tuple[type[RedisError], str], ...] = (
    (BusyLoadingError, "is still loading its data"),
    (AuthenticationError, "refuses the user or password of LETHE_REDIS_URL"),
    (NoPermissionError, _NO_RIGHTS),
    (OutOfMemoryError, _NO_MEMORY),
    (ReadOnlyError, _READ_ONLY),
    (AskError, _MOVING),
    (TryAgainError, _MOVING),
    (ClusterDownError, "is a cluster that is down, or a node that was cut off from it"),
)
_BY_CODE = {
    "OOM": _NO_MEMORY,
    "READONLY": _READ_ONLY,
    "NOPERM": _NO_RIGHTS,
    "MISCONF": "cannot write to its disk; make room there, and see its log",
    "NOREPLICAS": "has too few replicas to accept writes",
    "BUSY": "is busy with somebody's script",
}
_CODE = re.compile(r"\b(?:" + "|".join(_BY_CODE) + r")\b")


def reason(error: BaseException) -> BaseException:
    """What really happened: redis-py wraps errors of the handshake into plain ConnectionErrors."""
    cause = error.__cause__
    return cause if isinstance(error, RedisError) and isinstance(cause, RedisError) else error


def is_refused_command(error: BaseException) -> bool:
    """Whether Redis does not let us use a command, by its access rules or by renaming it."""
    return isinstance(error, NoPermissionError) or "unknown command" in str(error).lower()


def moves(error: BaseException) -> bool:
    """Whether another node may be the primary by now."""
    if not isinstance(error, ResponseError):
        return True
    return isinstance(error, ReadOnlyError | ClusterDownError | AskError | TryAgainError)


def unavailable(what: str) -> RegistryUnavailable:
    """Nothing of Redis can be used at the moment, because it `what`."""
    return RegistryUnavailable(
        f"Redis {what}; what was filed before stays enforced, try again when it is back.",
        code="registry_unavailable",
    )


def told(error: BaseException) -> str:
    """What is wrong, said of Redis."""
    if isinstance(error, NoPrimary):
        return str(error)
    for kind, words in _BY_KIND:
        if isinstance(error, kind):
            return words
    if not isinstance(error, ResponseError):
        return "cannot be reached"
    # Redis 6.2 wraps an error inside a script into its own words, the code among them.
    found = _CODE.search(str(error))
    return _BY_CODE[found[0]] if found else "refused a command"
