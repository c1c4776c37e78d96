"""A Redis that asks for TLS and for a certificate: what the URL says of both is used."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.errors import RegistryUnavailable
from gateway.registry.redis_store import RedisRegistry
from tests.integration.registry.support import CIPHER, RedisStore
from tests.tls import self_signed


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            to.write(data)
            await to.drain()
    except OSError:
        pass
    finally:
        to.close()


@pytest.fixture
async def guarded(redis_store: RedisStore, tmp_path: Path) -> AsyncIterator[tuple[int, str, str]]:
    """The port of a Redis behind mutual TLS; a certificate that it knows, and its key."""
    cert, key = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(cert)
    context.verify_mode = ssl.CERT_REQUIRED
    socket = urlsplit(redis_store.url).path

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_unix_connection(socket)
        await asyncio.gather(_copy(reader, to_redis), _copy(from_redis, writer))

    server = await asyncio.start_server(pass_on, "127.0.0.1", 0, ssl=context)
    yield server.sockets[0].getsockname()[1], str(cert), str(key)
    server.close()
    await asyncio.sleep(0.05)


async def test_both_sides_show_a_certificate(guarded: tuple[int, str, str]) -> None:
    port, cert, key = guarded
    known = f"ssl_ca_certs={cert}"
    for query, opens in (
        (f"{known}&ssl_certfile={cert}&ssl_keyfile={key}", True),
        (known, False),
        (f"ssl_certfile={cert}&ssl_keyfile={key}", False),
    ):
        url = f"rediss://127.0.0.1:{port}/0?{query}"
        registry = RedisRegistry(url, CIPHER, timeout_s=2.0, lease_s=5.0)
        try:
            if opens:
                assert await registry.open()
                assert await registry.keys() == ()
            else:
                with pytest.raises(RegistryUnavailable):
                    await registry.open()
        finally:
            await registry.close()
