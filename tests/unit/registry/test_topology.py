"""Addresses of a Redis behind Sentinel or in a Cluster, read and not connected to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.redis_primary import Address, NoPrimary, Primary
from gateway.registry.redis_topology import ClusterFinder, SentinelFinder, topology

HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,8}(\.[a-z]{2,3})?", fullmatch=True)
TEXTS = st.text(min_size=1, max_size=12)


@given(
    nodes=st.lists(st.tuples(HOSTS, st.integers(1, 65535)), min_size=1, max_size=4),
    user=TEXTS,
    password=TEXTS,
    sentinel_password=TEXTS,
    database=st.integers(0, 15),
)
def test_what_stands_in_an_address_comes_out(
    nodes: list[Address], user: str, password: str, sentinel_password: str, database: int
) -> None:
    hosts = ",".join(f"{host}:{port}" for host, port in nodes)
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@"
    query = f"?sentinel_password={quote(sentinel_password, safe='')}"
    found = topology(f"redis+sentinel://{login}{hosts}/lethe/{database}{query}", 2.0)
    assert found is not None
    assert not found.tls
    assert found.options == {"username": user, "password": password, "db": database}
    finder: Any = found.finder
    asked = [s.connection_pool.connection_kwargs for s in finder._sentinel.sentinels]
    assert [(each["host"], each["port"]) for each in asked] == nodes
    assert {each["password"] for each in asked} == {sentinel_password}


def test_tls_holds_for_whoever_is_asked_too() -> None:
    url = "rediss+cluster://lethe:word@h1,[::1]:7001?ssl_ca_certs=/etc/ca.pem"
    found = topology(url, 2.0)
    assert found is not None
    assert found.tls
    assert found.options["ssl_ca_certs"] == "/etc/ca.pem"
    finder = found.finder
    assert isinstance(finder, ClusterFinder)
    assert finder._nodes == [("h1", 6379), ("::1", 7001)]
    for name, value in (("ssl", True), ("ssl_ca_certs", "/etc/ca.pem"), ("password", "word")):
        assert finder._options[name] == value


@pytest.mark.parametrize("url", ["redis://host/0", "rediss://host", "unix:///run/redis.sock", ""])
def test_a_single_redis_has_no_topology(url: str) -> None:
    assert topology(url, 2.0) is None


def test_no_password_in_its_representation() -> None:
    found = topology("redis+sentinel://user:secret@h1/lethe?sentinel_password=other", 2.0)
    assert isinstance(found and found.finder, SentinelFinder)
    assert "secret" not in repr(found)
    assert "other" not in repr(found)


class Told:
    """A finder that says what it is told to say."""

    def __init__(self, *answers: Address | NoPrimary) -> None:
        self.answers = list(answers)

    async def find(self) -> Address:
        answer = self.answers.pop(0)
        if isinstance(answer, NoPrimary):
            raise answer
        return answer

    async def close(self) -> None: ...


async def test_a_primary_is_asked_for_once_until_it_is_doubted() -> None:
    finder = Told(("a", 1), NoPrimary("has none"), ("b", 2))
    primary = Primary(finder)
    assert [await primary.address() for _ in range(3)] == [("a", 1)] * 3
    for _ in range(2):
        primary.doubt()
        if primary.doubts == 1:
            with pytest.raises(NoPrimary):
                await primary.address()
    assert await primary.address() == ("b", 2)
    assert not finder.answers
    await primary.close()
