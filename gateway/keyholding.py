"""The data keys and the keyring of a running gateway, kept up with its files.

The keyring comes from Redis. It is kept, encrypted, in the data folder too: a gateway that starts
while Redis is away could check no API key without it, and read no snapshot of a blind filing.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Self

from gateway.datakey import data_key, key_files, previous_data_key
from gateway.durable import make_folder, write_whole
from gateway.errors import LetheError, SettingsError
from gateway.registry.cipher import Cipher
from gateway.registry.errors import RegistryError
from gateway.registry.keyring import Keyring
from gateway.registry.store import Registry
from gateway.settings import Settings

log = logging.getLogger(__name__)

_EVERY_S = 1.0
_CONTEXT = "keyring file"


class KeyHolder:
    """Settles the keyring, then looks every second for new data keys; an async context manager.

    Data keys in the environment cannot change while a process runs, those in files can.
    """

    def __init__(self, settings: Settings, cipher: Cipher, registry: Registry) -> None:
        self._settings = settings
        self._cipher = cipher
        self._registry = registry
        self._file = settings.data_dir / "keyring.bin"
        self._kept: tuple[str, Keyring] | None = None
        self._seen = _stamps(key_files(settings))
        self._trouble = ""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Take over the keyring of the store or, where that cannot be reached, of the file.

        Raises `SettingsError` when the registry must not be used as it is.
        """
        try:
            await self._registry.open()
        except SettingsError:
            raise  # nothing that waiting would mend
        except LetheError:
            self._restore()  # what is wrong, the enforcer tells
        self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._save)
                self._look()
                self._trouble = ""
            except (LetheError, OSError) as error:
                if str(error) != self._trouble:  # told once, tried again
                    log.error("The keys cannot be kept up with: %s", error)
                self._trouble = str(error)
            await asyncio.sleep(_EVERY_S)

    def _look(self) -> None:
        """Learn the data keys that were written into files since."""
        found = _stamps(key_files(self._settings))
        if found == self._seen:
            return
        for key in (data_key(self._settings), previous_data_key(self._settings)):
            if key is not None:
                self._cipher.learn(key)
        self._seen = found

    def _save(self) -> None:
        """Keep the keyring of the store, sealed with the data key that is used."""
        if not self._cipher.settled:
            return
        now = self._cipher.key_id, self._cipher.keyring
        if now != self._kept:
            make_folder(self._file.parent)
            write_whole(self._file, self._cipher.seal(now[1].pack(), _CONTEXT, now[0]))
            self._kept = now

    def _restore(self) -> None:
        try:
            sealed = self._file.read_bytes()
            self._cipher.adopt(Keyring.unpack(self._cipher.open_(sealed, _CONTEXT)))
        except FileNotFoundError:
            pass
        except (RegistryError, OSError) as error:
            log.warning("The keyring %s is not used: %s", self._file, error)


def _stamps(paths: tuple[Path, ...]) -> list[tuple[int, ...] | None]:
    """By which it is seen that a file was replaced."""
    found: list[tuple[int, ...] | None] = []
    for path in paths:
        try:
            known = path.stat()
            found.append((known.st_mtime_ns, known.st_size, known.st_ino))
        except OSError:
            found.append(None)
    return found
