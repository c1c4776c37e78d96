"""Addresses of a Redis behind Sentinel or in a Cluster, and who there knows the primary.

    redis+sentinel://user:password@host1:26379,host2:26379/service/0
    redis+cluster://user:password@host1:6379,host2:6379

`rediss+…` is the same over TLS. redis-py's own cluster client has no transaction that reads at one
instant; as all keys of Lethe share one slot, a plain client to the node that serves it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisError

from gateway.registry import keys
from gateway.registry.redis_primary import Address, Finder, NoPrimary

_SCHEME = re.compile(r"(?:(rediss?)\+)?(sentinel|cluster)://", re.IGNORECASE)
_DEFAULT_PORT = {"sentinel": 26379, "cluster": 6379}
_SLOT = key_slot(keys.META.encode())


@dataclass(frozen=True, slots=True)
class Topology:
    """Who knows the primary, and how to connect to it: options of a redis-py connection."""

    finder: Finder
    tls: bool
    options: dict[str, Any] = field(repr=False)


def topology(url: str, timeout_s: float) -> Topology | None:
    """The topology that an address names, or None where it names a single Redis.

    Raises `ValueError` for an address that is none; its text may quote a part of the password.
    """
    scheme = _SCHEME.match(url)
    if scheme is None:
        return None
    tls, kind = (scheme[1] or "").lower() == "rediss", scheme[2].lower()
    parts = urlsplit("//" + url[scheme.end() :])
    login, _, hosts = parts.netloc.rpartition("@")
    nodes = [_address(part, _DEFAULT_PORT[kind]) for part in hosts.split(",")]
    path = [unquote(part) for part in parts.path.split("/") if part]
    service = path.pop(0) if kind == "sentinel" and path else ""
    if len(path) > 1 or not all(part.isdecimal() for part in path):
        raise ValueError("a path that is no database")
    # One host in place of several makes an address that redis-py reads, with all its options.
    single = f"{'rediss' if tls else 'redis'}://{login + '@' if login else ''}host"
    options: dict[str, Any] = {**parse_url(f"{single}/{path[0] if path else 0}?{parts.query}")}
    for name in ("host", "connection_class"):
        options.pop(name, None)
    asking: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "protocol": 2, "ssl": tls}
    asking |= dict.fromkeys(("socket_timeout", "socket_connect_timeout"), timeout_s / 4)
    asking |= {name: value for name, value in options.items() if name.startswith("ssl_")}
    if kind == "cluster":
        if options["db"]:
            raise ValueError("a cluster has one database")
        login_of = {name: options[name] for name in ("username", "password") if name in options}
        return Topology(ClusterFinder(nodes, asking | login_of), tls, options)
    if not service:
        raise ValueError("no service")
    for name in ("username", "password"):
        if (value := options.pop(f"sentinel_{name}", None)) is not None:
            asking[name] = value
    return Topology(SentinelFinder(nodes, service, asking), tls, options)


class SentinelFinder:
    """Asks Sentinels for the primary of a service."""

    def __init__(self, nodes: list[Address], service: str, options: dict[str, Any]) -> None:
        asks: Any = Sentinel  # which has no types
        self._sentinel = asks(nodes, sentinel_kwargs=options)
        self._service = service

    async def find(self) -> Address:
        """The primary, as the first Sentinel says that sees one alive; raises `NoPrimary`."""
        try:
            host, port = await self._sentinel.discover_master(self._service)
        except RedisError:
            raise NoPrimary(
                "has no primary that one of its Sentinels names; when that does not pass by "
                "itself, check the service and Sentinel's password in LETHE_REDIS_URL"
            ) from None
        return str(host), int(port)

    async def close(self) -> None:
        """Close the connections to the Sentinels."""
        await self._sentinel.aclose()


class ClusterFinder:
    """Asks nodes of a cluster who serves the slot of Lethe's keys."""

    def __init__(self, nodes: list[Address], options: dict[str, Any]) -> None:
        self._named = nodes
        self._nodes = nodes
        self._options = options

    async def find(self) -> Address:
        """The primary of the slot, as one node after the other sees it; raises `NoPrimary`."""
        for asked in self._nodes:
            try:
                slots = await self._slots(asked)
            except (RedisError, OSError):
                continue
            self._learn(slots, asked)
            for first, last, primary, *_ in slots:
                if first <= _SLOT <= last:
                    return _node(primary, asked)
        raise NoPrimary(
            "has no node in reach that serves Lethe's keys; see redis-cli --cluster check"
        ) from None

    async def close(self) -> None:
        """Nothing stays open."""

    async def _slots(self, node: Address) -> list[list[Any]]:
        redis: Any
        async with Redis(host=node[0], port=node[1], **self._options) as redis:
            # Not by redis-py's own method, whose answer has changed its shape with its versions.
            answer: list[list[Any]] = await redis.execute_command("CLUSTER", "SLOTS")
        return answer

    def _learn(self, slots: list[list[Any]], asked: Address) -> None:
        """Whom to ask next time: also who was not named, and last who was asked now.

        That one may be cut off from the others and not know it.
        """
        told = [_node(node, asked) for _, _, *nodes in slots for node in nodes]
        others = dict.fromkeys(node for node in (*told, *self._named) if node != asked)
        self._nodes = [*others, asked]


def _node(told: list[Any], asked: Address) -> Address:
    """Host and port of a node as CLUSTER SLOTS tells them; without a host, it speaks of itself."""
    host = told[0].decode() if isinstance(told[0], bytes) else str(told[0] or "")
    return host or asked[0], int(told[1])


def _address(text: str, default_port: int) -> Address:
    parts = urlsplit("//" + text)
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, parts.port or default_port
