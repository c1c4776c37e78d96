"""Opening the registry that the settings name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from gateway.errors import SettingsError
from gateway.registry.cipher import Cipher
from gateway.registry.embedded import embedded_redis, redis_folder
from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings


def check_store(settings: Settings) -> None:
    """Raises `SettingsError` where the store would be a new private one, which holds nothing."""
    if settings.redis_url is not None:
        return
    with suppress(PermissionError):  # is told, better, when the folder is opened
        if not redis_folder(settings.data_dir).is_dir():
            raise SettingsError(
                f"There is no store in {settings.data_dir}: set LETHE_DATA_DIR to the folder of "
                "the gateway, or LETHE_REDIS_URL."
            )


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
