"""Every route, every role: who may call what."""

from __future__ import annotations

from itertools import product

import pytest
from starlette.requests import Request

from gateway.access import BOOTSTRAP, OPEN, Access, Caller, key_digest, new_key
from gateway.errors import Forbidden, Unauthenticated
from gateway.registry.models import ApiKey
from gateway.roles import CHAT, DECIDE, FILE, OPERATE, READ, ROLES

HASH_KEY = b"k" * 32


class Table:
    """The key table of a test."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.digest: key for key in keys}


def access(*keys: ApiKey, bootstrap: str | None = None) -> Access:
    digest = key_digest(bootstrap, HASH_KEY) if bootstrap else None
    return Access(Table(*keys), HASH_KEY, digest, open_access=False)


def test_an_issued_key_has_its_roles_until_it_is_revoked() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    headers = {"authorization": f"Bearer {token}"}
    assert access(key).roles_of(headers) == {"operator"}
    with pytest.raises(Unauthenticated):
        access().roles_of(headers)


def test_the_bootstrap_key_has_all_roles() -> None:
    roles = access(bootstrap="first").roles_of({"authorization": "bearer first"})
    assert roles == set(ROLES)


def request_with(token: str) -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "headers": headers})


async def test_a_route_knows_who_calls() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    issued = access(key, bootstrap="first")
    for given, caller in ((token, Caller(key.id, key.roles)), ("first", BOOTSTRAP)):
        request = request_with(given)
        await issued.require(OPERATE)(request)
        assert request.state.caller == caller
    request = request_with("")
    await Access(Table(), HASH_KEY, None, open_access=True).require(OPERATE)(request)
    assert request.state.caller == OPEN


async def test_a_key_without_the_role_is_forbidden() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    with pytest.raises(Forbidden):
        await access(key).require(FILE)(request_with(token))


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer \N{SNOWMAN}"]
)
def test_anything_else_is_nobody(header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    with pytest.raises(Unauthenticated):
        access(bootstrap="first").roles_of(headers)


def test_a_token_is_kept_nowhere() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    assert token not in repr(key)
    assert token.encode() not in key.digest


@pytest.mark.parametrize(("needed", "role"), [*product((CHAT, FILE, DECIDE, READ, OPERATE), ROLES)])
def test_no_role_implies_another(needed: frozenset[str], role: str) -> None:
    key, token = new_key("one", frozenset({role}), HASH_KEY)
    held = access(key).roles_of({"authorization": f"Bearer {token}"})
    assert bool(needed & held) == (role in needed)
