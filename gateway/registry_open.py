"""Opening the registry that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.registry.cipher import Cipher
from gateway.registry.embedded import embedded_redis, redis_folder
from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings


@asynccontextmanager
async def open_registry(settings: Settings, cipher: Cipher) -> AsyncIterator[RedisRegistry]:
    """The registry that the settings name, with its private Redis where none is named.

    Raises `SettingsError` when the embedded Redis cannot be started.
    """
    async with AsyncExitStack() as stack:
        url, folder = settings.redis_url, None
        if url is None:
            url = await stack.enter_async_context(embedded_redis(settings.data_dir))
            folder = redis_folder(settings.data_dir)
        registry = RedisRegistry(
            url,
            cipher,
            timeout_s=settings.redis_timeout_s,
            lease_s=settings.lease_s,
            allow_volatile=settings.allow_volatile_redis,
            replicas=settings.redis_replicas,
            fsync=settings.redis_replicas_fsync == "on",
            folder=folder,
        )
        stack.push_async_callback(registry.close)
        yield registry
