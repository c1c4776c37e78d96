"""Where webhooks may be sent: filers name addresses, which must not lead into the network."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from yarl import URL

from gateway.settings import Settings, is_loopback

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last four bytes are an IPv4 address."""
_INSIDE = tuple(
    map(
        ip_network,
        (
            *("168.63.129.16", "192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10"),
            # IPv4 addresses in forms that nobody has used for long, but networks may translate.
            *("::/96", "::ffff:0:0:0/96"),
        ),
    )
)
"""At which clouds answer their own machines, or networks themselves: public to Python's library."""

Address = IPv4Address | IPv6Address
AddrInfo = tuple[Any, Any, int, str, Any]


class RefusedAddress(OSError):
    """A connection to an address that must not be reached."""

    def __init__(self) -> None:
        # Without the address: to filers, whether a name leads inside is nobody's business.
        super().__init__("the address is not public, and LETHE_CALLBACK_HOSTS does not name it")


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to, beside public addresses: named hosts and networks, loopback.

    The addresses of a named host are not looked at. Those of any other are, when the connection is
    made: what a name meant before does not count.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Any, ...] = ()
    loopback: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Reach:
        """What the settings allow: loopback by itself only where a gateway is tried out.

        That is where it listens on loopback, trusts no proxy and keeps its own private Redis.
        """
        hosts, networks = set(), []
        for each in settings.callback_hosts:
            try:
                networks.append(ip_network(each, strict=False))
            except ValueError:
                hosts.add(_plain(each))
        # Behind a proxy of its machine a gateway listens on loopback too: filers come from outside
        # then, and vLLM and others may listen beside it.
        alone = is_loopback(settings.host) and not settings.trusted_proxies
        return cls(frozenset(hosts), tuple(networks), alone and settings.redis_url is None)

    def names(self, url: URL) -> bool:
        """Whether the settings name the host itself."""
        return _plain(url.host or "") in self.hosts

    def lets(self, address: str) -> bool:
        """Whether an address may be connected to."""
        found = _embedded(ip_address(address.partition("%")[0]))
        if any(found in network for network in self.networks):
            return True
        if found.is_loopback:
            return self.loopback
        public = found.is_global and not found.is_multicast
        return public and not any(found in network for network in _INSIDE)

    def problem(self, url: URL, addresses: Iterable[str] = ()) -> str | None:
        """What speaks against an address as it is written, and as far as its name is resolved."""
        host = _plain(url.host or "")
        if self.names(url):
            return None
        try:
            written = [str(ip_address(host))]
        except ValueError:
            local = host == "localhost" or host.endswith(".localhost")
            written = ["127.0.0.1"] if local else []
        if all(map(self.lets, (*written, *addresses))):
            return None
        return (
            "it leads into the network of the gateway; name its host or network in "
            "LETHE_CALLBACK_HOSTS if that is meant"
        )

    def connection(self, info: AddrInfo) -> socket.socket:
        """A socket for an address that may be connected to; raises `RefusedAddress`."""
        family, kind, protocol, _, address = info
        if not self.lets(address[0]):
            raise RefusedAddress
        return socket.socket(family, kind, protocol)


def stays_secret(url: URL) -> bool:
    """Whether nobody on the way can read what is sent there."""
    return url.scheme == "https" or is_loopback(_plain(url.host or ""))


def _plain(host: str) -> str:
    return host.rstrip(".").lower()


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
