"""Who may do what: API keys, checked against the roles that a route needs."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from fastapi import Depends
from starlette.requests import Request

from gateway.errors import Forbidden, Unauthenticated
from gateway.registry.models import ApiKey
from gateway.roles import ROLES

_PREFIX = "lethe-"


class KeyTable(Protocol):
    """Where the issued keys are, by digest: the enforcer's view of the registry."""

    @property
    def keys(self) -> Mapping[bytes, ApiKey]:
        """The issued keys, by digest."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the id of the key, or `BOOTSTRAP` or `OPEN`, and the roles that it has."""

    id: str
    roles: frozenset[str]


BOOTSTRAP = Caller("bootstrap", frozenset(ROLES))
"""Whoever holds the key of LETHE_BOOTSTRAP_KEY."""

OPEN = Caller("open", frozenset(ROLES))
"""Anybody, where no key is asked for."""


@dataclass(frozen=True, slots=True)
class Access:
    """Checks the bearer key of a request against the issued keys, without any I/O.

    Keys are looked up by a keyed hash, so neither the table nor the time that a look-up takes
    tells anything about a key that was issued.
    """

    table: KeyTable
    hash_key: bytes
    bootstrap: bytes | None
    open_access: bool

    def dependencies(self, roles: frozenset[str]) -> list[Any]:
        """FastAPI dependencies of a route that one of the roles may call."""
        return [Depends(self.require(roles))]

    def require(self, roles: frozenset[str]) -> Callable[[Request], Coroutine[Any, Any, None]]:
        """A callable that lets a request pass whose key has one of the roles.

        Who calls is `request.state.caller` from then on. Raises `Unauthenticated` or `Forbidden`.
        """

        async def check(request: Request) -> None:
            caller = self.caller(request.headers)
            request.state.caller = caller
            if not roles & caller.roles:
                raise Forbidden(
                    f"This API key lacks the role for this route: {' or '.join(sorted(roles))}.",
                    code="insufficient_role",
                )

        return check

    def roles_of(self, headers: Mapping[str, str]) -> frozenset[str]:
        """The roles of `caller`; raises `Unauthenticated`."""
        return self.caller(headers).roles

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who holds the bearer key in the headers, `OPEN` where none is asked for.

        Raises `Unauthenticated`.
        """
        if self.open_access:
            return OPEN
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(
                "No API key was given; send it as 'Authorization: Bearer KEY'.",
                code="missing_api_key",
            )
        digest = key_digest(token.strip(), self.hash_key)
        if self.bootstrap is not None and hmac.compare_digest(digest, self.bootstrap):
            return BOOTSTRAP
        key = self.table.keys.get(digest)
        if key is None:
            raise Unauthenticated("This API key was not issued here.", code="invalid_api_key")
        return Caller(key.id, key.roles)


def key_digest(token: str, hash_key: bytes) -> bytes:
    """The keyed hash under which an API key is kept."""
    # `hmac.digest` lets go of the interpreter, and judges of other chats keep it for a while.
    return hmac.new(hash_key, token.encode(), "sha256").digest()


def new_key(name: str, roles: frozenset[str], hash_key: bytes) -> tuple[ApiKey, str]:
    """A new API key and its token, which is shown once and kept nowhere."""
    token = _PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        id="key_" + secrets.token_hex(6),
        name=name,
        roles=roles,
        digest=key_digest(token, hash_key),
        created_time=datetime.now(UTC),
    )
    return key, token
