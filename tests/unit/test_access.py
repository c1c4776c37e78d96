"""Every route, every role: who may call what."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from starlette.requests import Request

from gateway.access import BOOTSTRAP, OPEN, REFUSALS, Access, Caller, key_digest, new_key
from gateway.caller import check_model
from gateway.errors import ApiError, Forbidden, RateLimited, Unauthenticated
from gateway.limits import Buckets, WrongKeys
from gateway.registry.models import ApiKey
from gateway.roles import CHAT, DECIDE, FILE, OPERATE, READ, ROLES
from gateway.source import source_of

HASH_KEY = b"k" * 32
DAY = timedelta(days=1)


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
    assert access(key).caller(headers).roles == {"operator"}
    with pytest.raises(Unauthenticated):
        access().caller(headers)


def test_the_bootstrap_key_has_all_roles() -> None:
    roles = access(bootstrap="first").caller({"authorization": "bearer first"}).roles
    assert roles == set(ROLES)


def request_with(token: str, host: str = "10.0.0.9") -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return Request({"type": "http", "headers": headers, "client": (host, 5_000)})


class Clock:
    """A clock that a test turns on, in seconds."""

    now = 1_000.0


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
        access(bootstrap="first").caller(headers)


def test_a_key_dies_when_its_time_has_come() -> None:
    born = datetime(2026, 3, 1, tzinfo=UTC)
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY, expires_time=born + DAY)
    headers = {"authorization": f"Bearer {token}"}
    alive = replace(access(key), now=lambda: born + DAY - timedelta(seconds=1))
    assert alive.caller(headers).id == key.id
    with pytest.raises(Unauthenticated) as caught:
        replace(access(key), now=lambda: born + DAY).caller(headers)
    assert caught.value.code == "expired_api_key"


async def test_a_key_may_make_so_many_requests_a_minute() -> None:
    clock = Clock()
    own, token = new_key("a", frozenset({"filer"}), HASH_KEY, requests_per_minute=2)
    plain, other = new_key("b", frozenset({"filer"}), HASH_KEY)
    issued = replace(
        access(own, plain, bootstrap="first"), per_minute=3, asked=Buckets(lambda: clock.now)
    )
    may = issued.require(FILE)
    for given, most in ((token, 2), (other, 3)):
        for _ in range(most):
            await may(request_with(given))
        with pytest.raises(RateLimited) as caught:
            await may(request_with(given))
        assert 20 <= int(caught.value.headers["Retry-After"]) <= 30
    clock.now += 31
    await may(request_with(token))
    for _ in range(10):  # scripts of the first start are not held up
        await may(request_with("first"))


async def test_whoever_guesses_keys_is_slowed_down() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    young, fresh = new_key("new", frozenset({"operator"}), HASH_KEY)
    issued = replace(access(key, young), wrong=WrongKeys(5))
    may = issued.require(OPERATE)
    await may(request_with(token, "10.0.0.1"))
    for n in range(5):
        with pytest.raises(Unauthenticated):
            await may(request_with(f"guess {n}", "10.0.0.1"))
    for guess in ("another", fresh):  # a right guess is told apart from a wrong one no more
        with pytest.raises(RateLimited):
            await may(request_with(guess, "10.0.0.1"))
    await may(request_with(token, "10.0.0.1"))  # was right from there before
    await may(request_with(fresh, "10.0.0.2"))


async def test_refusals_are_counted_by_their_code() -> None:
    counted: list[str] = []
    born = datetime(2026, 3, 1, tzinfo=UTC)
    key, token = new_key("a", frozenset({"filer"}), HASH_KEY, requests_per_minute=2)
    dead, expired = new_key("b", frozenset({"filer"}), HASH_KEY, expires_time=born)
    issued = replace(access(key, dead), wrong=WrongKeys(2), refused=counted.append)
    sent = (("", FILE), ("guess", FILE), (expired, FILE), ("guess", FILE))
    fresh = ((token, OPERATE), (token, FILE), (token, FILE))
    for host, requests in (("10.0.0.1", sent), ("10.0.0.2", fresh)):
        for given, roles in requests:
            with contextlib.suppress(ApiError):
                await issued.require(roles)(request_with(given, host))
    assert sorted(counted) == sorted(REFUSALS)


async def test_no_key_at_all_is_no_guess() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    issued = replace(access(key), wrong=WrongKeys(1))
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            issued.identify(request_with(""))
    assert issued.identify(request_with(token)).id == key.id


def test_one_who_has_a_subnet_is_one() -> None:
    def source(host: str) -> str:
        return source_of(request_with("", host))

    assert source("2001:db8::1") == source("2001:db8:0:0:ffff::2") == "2001:db8::"
    assert source("2001:db8:0:1::1") != source("2001:db8::1")
    assert source("::ffff:10.0.0.1") == source("10.0.0.1") == "10.0.0.1"
    assert source("fe80::1%eth0") == "fe80::"
    assert source("not:an:address") == "not:an:address"
    assert source_of(Request({"type": "http", "headers": []})) == ""


def test_a_key_is_limited_to_its_models() -> None:
    key, _ = new_key("app", frozenset({"client"}), HASH_KEY, models=frozenset({"small"}))
    request = request_with("")
    check_model(request, "large")  # nobody has been asked who calls
    for caller in (BOOTSTRAP, OPEN):
        request.state.caller = caller
        check_model(request, "large")
    request.state.caller = Caller(key.id, key.roles, key)
    check_model(request, "small")
    with pytest.raises(Forbidden) as caught:
        check_model(request, "large")
    assert caught.value.code == "model_not_allowed"
    assert "large" not in caught.value.message


def test_a_token_is_kept_nowhere() -> None:
    key, token = new_key("ops", frozenset({"operator"}), HASH_KEY)
    assert token not in repr(key)
    assert token.encode() not in key.digest


@pytest.mark.parametrize(("needed", "role"), [*product((CHAT, FILE, DECIDE, READ, OPERATE), ROLES)])
def test_no_role_implies_another(needed: frozenset[str], role: str) -> None:
    key, token = new_key("one", frozenset({role}), HASH_KEY)
    held = access(key).caller({"authorization": f"Bearer {token}"}).roles
    assert bool(needed & held) == (role in needed)
