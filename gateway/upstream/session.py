"""How the pool opens connections and reads from them: bounded in both."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import aiohttp

from gateway.upstream.errors import malformed

_KEEPALIVE_S = 3.0
"""Idle seconds after which a connection is dropped; uvicorn, and so vLLM, drops it after 5."""

_LARGE = 2**19


def bounded_session(
    connections: int, timeout: aiohttp.ClientTimeout, headers: Mapping[str, str] | None = None
) -> aiohttp.ClientSession:
    """A session that opens so many connections at most and adds no header of its own."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=_KEEPALIVE_S),
        timeout=timeout,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        trust_env=False,
    )


def sendable(body: bytes) -> bytes | BytesIO:
    """A body as aiohttp wants it: a large one is written piece by piece, not all at once."""
    return body if len(body) < _LARGE else BytesIO(body)


async def read_limited(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, `limit` bytes at most; raises `UpstreamFailed` when it is larger."""
    chunks, size = [], 0
    while chunk := await response.content.readany():
        size += len(chunk)
        if size > limit:
            raise malformed()
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
