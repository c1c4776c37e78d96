"""Rotating the data key of a deployment, from the key's own file to the last sealed value."""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.datakey import before, encoded, in_folder, kept_in
from gateway.durable import write_whole
from gateway.errors import SettingsError
from gateway.registry.cipher import Cipher
from gateway.registry.models import Replica
from gateway.registry.redis_meta import Standing
from gateway.registry.redis_rotation import Progress
from gateway.registry.redis_store import RedisRegistry
from gateway.settings import Settings

_PATIENCE_S = 10.0
"""For gateways to read a key from its file, and to take it over."""
_POLL_S = 0.2
_BY = "command"


@dataclass(slots=True)
class Rotation:
    """What a rotation has come to: ids of the keys, and ids of gateways that were not reached.

    `silent` ones were not live, and `behind` ones have not taken over the key in time.
    """

    key: str
    before: str
    progress: Progress
    silent: Sequence[str] = ()
    behind: Sequence[str] = ()


async def rotate(
    settings: Settings, cipher: Cipher, registry: RedisRegistry
) -> AsyncIterator[Rotation]:
    """Rotate to the newest data key of the cipher, or go on with what was begun.

    Where Redis is embedded, and the key in its folder, a new one is made. The registry must be
    open. Tells how far it is, the last time at the end. Raises `SettingsError` with the step that
    is missing.
    """
    own = keeps_key(settings)
    with _alone(settings) if own else _anywhere():
        standing = await registry.rotation.standing()
        if own:
            _renew(settings, cipher, standing)
        elif standing.used == cipher.newest and standing.before not in cipher.known:
            raise SettingsError(
                "There is nothing to rotate to: LETHE_DATA_KEY is the key that is used already. "
                "Make another (openssl rand -base64 32), give it to every gateway and to this "
                "command as LETHE_DATA_KEY, and this one as LETHE_PREVIOUS_DATA_KEY."
            )
        if standing.used != cipher.newest:
            await _ready(registry, cipher.newest)
        revision = await registry.rotation.begin(cipher.newest, _BY)
        standing = await registry.rotation.standing()
        told = Rotation(standing.used, standing.before, Progress(0))
        gateways = await registry.gateways()
        told.silent = [gateway.id for gateway in gateways if not gateway.live]
        if revision is not None:
            told.behind = await _waited(registry, lambda g: g.revision >= revision)
        async for progress in registry.rotation.reseal():
            told.progress = progress
            yield told
        await registry.rotation.finish(told.progress, _BY)
        yield told


def keeps_key(settings: Settings) -> bool:
    """Whether Redis is embedded, and the key in its folder: then Lethe makes the keys itself."""
    return settings.redis_url is None and in_folder(settings)


def _renew(settings: Settings, cipher: Cipher, standing: Standing) -> None:
    """Put a new data key into the folder, unless one is there that is not used everywhere yet."""
    if not standing.finished or standing.used != cipher.newest:
        return
    path, key = kept_in(settings), secrets.token_bytes(32)
    kept = before(path)
    if kept.exists() and kept.read_bytes() != path.read_bytes():  # alike: it was cut short
        raise SettingsError(
            f"{kept} is still there, the key before the last rotation, which has ended: put it "
            "where the backups from before are, remove it here, then rotate again."
        )
    try:
        # In this order: wherever it ends, what is sealed can be opened.
        write_whole(kept, path.read_bytes())
        write_whole(path, encoded(key))
    except OSError as error:
        raise SettingsError(
            f"The new data key cannot be written beside {path} ({error.strerror}); make room or "
            "mend its permissions. The old one is used as before."
        ) from error
    cipher.newest = cipher.learn(key)


async def _ready(registry: RedisRegistry, key: str) -> None:
    """Wait until every live gateway has the new key; raises `SettingsError` where one has not."""
    without = await _waited(registry, lambda gateway: key in gateway.data_keys)
    if without:
        raise SettingsError(
            f"These gateways do not have the new data key {key}: {', '.join(without)}. Give it to "
            "them as LETHE_DATA_KEY, and the one that is used as LETHE_PREVIOUS_DATA_KEY (where "
            "Redis is embedded both are in the data folder), restart them, and run this again."
        )


async def _waited(registry: RedisRegistry, done: Callable[[Replica], bool]) -> Sequence[str]:
    """Wait until something holds of every live gateway; the ids of those of which it does not."""
    end = time.monotonic() + _PATIENCE_S
    while True:
        gateways = await registry.gateways()
        left = [gateway.id for gateway in gateways if gateway.live and not done(gateway)]
        if not left or time.monotonic() > end:
            return left
        await asyncio.sleep(_POLL_S)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Two commands at once would make two keys; the kernel gives the lock back."""
    path = kept_in(settings)
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError("Another rotation of this data key is going on.") from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _anywhere() -> Iterator[None]:
    yield
