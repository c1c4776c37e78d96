"""Who may do what: API keys, checked against the roles that a route needs."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import Depends
from starlette.requests import Request

from gateway.caller import BOOTSTRAP, OPEN, Caller
from gateway.errors import ApiError, Forbidden, Unauthenticated
from gateway.limits import Buckets, WrongKeys, limited
from gateway.registry.models import ApiKey
from gateway.source import source_of

__all__ = [
    "BOOTSTRAP",
    "OPEN",
    "REFUSALS",
    "Access",
    "Caller",
    "KeyTable",
    "RoleCheck",
    "key_digest",
    "new_key",
]

REFUSALS = (
    "missing_api_key",
    "invalid_api_key",
    "expired_api_key",
    "insufficient_role",
    "rate_limit_exceeded",
    "too_many_wrong_keys",
)
"""The codes with which a key, or the lack of one, is refused."""

_PREFIX = "lethe-"
_WRONG_A_MINUTE = 60


class KeyTable(Protocol):
    """Where the issued keys are, by digest: the enforcer's view of the registry."""

    @property
    def keys(self) -> Mapping[bytes, ApiKey]:
        """The issued keys, by digest."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Access:
    """Checks the bearer key of a request against the issued keys, without any I/O.

    Keys are looked up by a keyed hash, so neither the table nor the time that a look-up takes
    tells anything about a key that was issued. Issued keys that have no limit of their own are
    held to `per_minute` requests a minute, None: to none. `refused` is told the code of each
    refusal, one of `REFUSALS`.
    """

    table: KeyTable
    hash_key: bytes
    bootstrap: bytes | None
    open_access: bool
    per_minute: int | None = None
    wrong: WrongKeys = field(default_factory=lambda: WrongKeys(_WRONG_A_MINUTE))
    asked: Buckets = field(default_factory=Buckets)
    now: Callable[[], datetime] = _now
    refused: Callable[[str], None] = lambda code: None

    def dependencies(self, roles: frozenset[str]) -> list[Any]:
        """FastAPI dependencies of a route that one of the roles may call."""
        return [Depends(self.require(roles))]

    def require(self, roles: frozenset[str]) -> RoleCheck:
        """What lets a request pass whose key has one of the roles."""
        return RoleCheck(self, roles)

    def identify(self, request: Request) -> Caller:
        """Who calls; a wrong key is counted against the address that it came from.

        Raises `Unauthenticated` and, where too many wrong ones came from there, `RateLimited`.
        """
        if self.open_access:
            return OPEN
        digest = self._digest(request.headers)
        source = source_of(request)
        self.wrong.check(source, digest)
        try:
            caller = self._holder(digest)
        except Unauthenticated:
            self.wrong.wrong(source)
            raise
        self.wrong.right(source, digest)
        return caller

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who holds the bearer key in the headers, `OPEN` where none is asked for.

        For requests that `require` has let pass: nothing is counted. Raises `Unauthenticated`.
        """
        return OPEN if self.open_access else self._holder(self._digest(headers))

    def _digest(self, headers: Mapping[str, str]) -> bytes:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(
                "No API key was given; send it as 'Authorization: Bearer KEY'.",
                code="missing_api_key",
            )
        return key_digest(token.strip(), self.hash_key)

    def _holder(self, digest: bytes) -> Caller:
        if self.bootstrap is not None and hmac.compare_digest(digest, self.bootstrap):
            return BOOTSTRAP
        key = self.table.keys.get(digest)
        if key is None:
            raise Unauthenticated("This API key was not issued here.", code="invalid_api_key")
        if key.expires_time is not None and key.expires_time <= self.now():
            raise Unauthenticated(
                "This API key has expired; ask an operator for another.", code="expired_api_key"
            )
        return Caller(key.id, key.roles, key)

    def spend(self, caller: Caller) -> None:
        """Count a request against the limit of its key; raises `RateLimited`."""
        if caller.key is None:
            return
        per_minute = caller.key.requests_per_minute or self.per_minute
        if per_minute is None:
            return
        wait_s = self.asked.take(caller.id, per_minute)
        if wait_s:
            raise limited(
                f"This API key may make {per_minute} requests a minute",
                wait_s,
                "rate_limit_exceeded",
            )


@dataclass(frozen=True, slots=True)
class RoleCheck:
    """A dependency of routes: lets a request pass whose key has one of the roles.

    Who calls is `request.state.caller` from then on. Raises `Unauthenticated`, `Forbidden` or
    `RateLimited`.
    """

    access: Access
    roles: frozenset[str]

    async def __call__(self, request: Request) -> None:
        """Check a request; who calls is noted in it."""
        try:
            self._check(request)
        except ApiError as error:
            self.access.refused(error.code or error.type)
            raise

    def _check(self, request: Request) -> None:
        caller = self.access.identify(request)
        request.state.caller = caller
        self.access.spend(caller)
        if self.roles.isdisjoint(caller.roles):
            raise Forbidden(
                f"This API key lacks the role for this route: {' or '.join(sorted(self.roles))}.",
                code="insufficient_role",
            )


def key_digest(token: str, hash_key: bytes) -> bytes:
    """The keyed hash under which an API key is kept."""
    # `hmac.digest` lets go of the interpreter, and judges of other chats keep it for a while.
    return hmac.new(hash_key, token.encode(), "sha256").digest()


def new_key(
    name: str,
    roles: frozenset[str],
    hash_key: bytes,
    *,
    expires_time: datetime | None = None,
    models: frozenset[str] | None = None,
    requests_per_minute: int | None = None,
) -> tuple[ApiKey, str]:
    """A new API key and its token, which is shown once and kept nowhere."""
    token = _PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        id="key_" + secrets.token_hex(6),
        name=name,
        roles=roles,
        digest=key_digest(token, hash_key),
        created_time=datetime.now(UTC),
        expires_time=expires_time,
        models=models,
        requests_per_minute=requests_per_minute,
    )
    return key, token
