"""Where a request came from, as far as one may be held to it."""

from __future__ import annotations

from ipaddress import IPv6Address

from starlette.requests import Request

_SUBNET = -1 << 64


def source_of(request: Request) -> str:
    """The client's IPv4 address, or the /64 of its IPv6 address: whoever has one has them all.

    Behind a proxy that LETHE_TRUSTED_PROXIES names it is the address that the proxy tells.
    """
    host = (request.scope.get("client") or ("",))[0]
    if ":" not in host:
        return host[:64]
    try:
        address = IPv6Address(host)
    except ValueError:
        return host[:64]
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) & (_SUBNET & (1 << 128) - 1)))
