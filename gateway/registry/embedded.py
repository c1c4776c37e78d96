"""A private Redis in the data folder, shared by all gateways that use the folder.

Three locks on files decide everything, because the kernel gives them back however a process
ends:

    turn.lock    exclusive: one gateway at a time starts or stops the server
    users.lock   shared: held by every gateway that uses the server; the last one stops it
    server.lock  exclusive: held by the server itself through an inherited descriptor
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError

from gateway.errors import SettingsError
from gateway.registry.redis_server import did_not_start, spawn
from gateway.registry.room import Room

log = logging.getLogger(__name__)

_POLL_S = 0.01
_LONGEST_SOCKET = 100
"""Unix sockets have paths of at most 107 bytes; a few are left for what Redis may append."""


@asynccontextmanager
async def embedded_redis(data_dir: Path, *, start_timeout_s: float = 30.0) -> AsyncIterator[str]:
    """The URL of the private Redis of a data folder, running as long as anybody uses it."""
    server = EmbeddedRedis(data_dir, start_timeout_s=start_timeout_s)
    url = await server.start()
    try:
        yield url
    finally:
        await server.stop()


class EmbeddedRedis:
    """One gateway's use of the private Redis; `start` and `stop` each once.

    A server that still runs (a gateway was killed, or another one uses it) is adopted. A server
    that died while it is in use is started again. `start_timeout_s` is for one that does not even
    say that it loads its data.
    """

    def __init__(self, data_dir: Path, *, start_timeout_s: float = 30.0) -> None:
        self.folder = redis_folder(data_dir)
        self._start_timeout_s = start_timeout_s
        self._users: int | None = None
        self._watch: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self.socket = _socket(self.folder)

    @property
    def url(self) -> str:
        """Where the server listens."""
        return "unix://" + quote(str(self.socket))

    async def start(self) -> str:
        """Start or adopt the server and return its URL; raises `SettingsError`."""
        try:
            _private(self.folder)
            _private(self.socket.parent)
            self._users = _open_lock(self.folder / "users.lock")
            try:
                async with self._turn():
                    # Whoever stops the server takes this lock only while it is his turn.
                    fcntl.flock(self._users, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    await self._ensure()
            except BaseException:
                self._release()
                raise
        except OSError as error:
            raise SettingsError(
                f"The folder {self.folder} cannot be used for the embedded Redis: "
                f"{error.strerror}; set LETHE_DATA_DIR to a folder of your own."
            ) from error
        self._watch = asyncio.create_task(self._keep_alive(), name="lethe-embedded-redis")
        return self.url

    async def stop(self) -> None:
        """Stop using the server; the last user shuts it down, after everything is on disk."""
        if self._watch is not None:
            # Not cancelled: redis-py's time-outs let Python 3.11 swallow that.
            self._leaving.set()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        if self._users is None:
            return
        try:
            async with self._turn():
                fcntl.flock(self._users, fcntl.LOCK_UN)
                if _try_lock(self._users):
                    await self._shut_down()
        finally:
            self._release()

    async def _ensure(self) -> None:
        """Have a server that answers; only while it is our turn."""
        spawned = False
        try:
            async with asyncio.timeout(self._start_timeout_s) as limit:
                while (answer := await self._answers()) != "yes" and not self._leaving.is_set():
                    if answer == "loading":  # it is there: how long that takes is its own affair
                        limit.reschedule(asyncio.get_running_loop().time() + self._start_timeout_s)
                    lock = _open_lock(self.folder / "server.lock")
                    try:
                        if _try_lock(lock):  # no server holds it
                            if spawned:
                                raise did_not_start(self.folder)
                            await spawn(self.folder, self.socket, lock, self._start_timeout_s)
                            spawned = True
                    finally:
                        os.close(lock)  # does not unlock what the server has inherited
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise did_not_start(self.folder) from None

    async def _answers(self) -> Literal["yes", "loading", "no"]:
        async with self._client() as redis:
            try:
                await redis.ping()
            except BusyLoadingError:
                return "loading"
            except (RedisError, OSError):
                return "no"
            return "yes"

    async def _shut_down(self) -> None:
        async with self._client() as redis:
            try:
                await redis.shutdown()
            except (RedisError, OSError) as error:
                log.warning("The embedded Redis could not be told to stop: %s", error)
                return
        lock = _open_lock(self.folder / "server.lock")
        try:
            await _lock_within(lock, self._start_timeout_s)
        except TimeoutError:
            log.warning("The embedded Redis is still busy stopping.")
        finally:
            os.close(lock)

    def _client(self) -> Redis:
        return Redis(
            unix_socket_path=str(self.socket),
            socket_timeout=self._start_timeout_s,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 0),
            client_name="lethe:embedded",
            protocol=2,
        )

    async def _keep_alive(self) -> None:
        """Start the server again when it died: nobody else would.

        It dies when a change cannot be written, rather than lose it. On a full disk that would be
        at once again, so it is left alone until there is room.
        """
        told = False
        while not await self._left_within(0.5):
            if _listening(self.socket):
                told = False
                continue
            if Room(self.folder).full:
                if not told:
                    log.error("The embedded Redis is gone: the disk of its folder is full.")
                told = True
                continue
            if not told:
                log.error("The embedded Redis is gone; starting it again.")
            try:
                async with self._turn():
                    await self._ensure()
            except (SettingsError, OSError) as error:
                if not told:
                    log.error("The embedded Redis cannot be started again: %s", error)
            told = True

    async def _left_within(self, seconds: float) -> bool:
        """Wait; whether the server is not used any more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        return self._leaving.is_set()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        lock = _open_lock(self.folder / "turn.lock")
        try:
            try:
                await _lock_within(lock, 2 * self._start_timeout_s)
            except TimeoutError:
                raise SettingsError(
                    f"Another gateway has been starting the Redis in {self.folder} for too long; "
                    "stop it."
                ) from None
            yield
        finally:
            os.close(lock)

    def _release(self) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None


def redis_folder(data_dir: Path) -> Path:
    """Where the private Redis of a data folder keeps its files."""
    return data_dir.expanduser().resolve() / "redis"


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _lock_within(descriptor: int, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while True:
            if _try_lock(descriptor):
                return
            await asyncio.sleep(_POLL_S)


def _socket(folder: Path) -> Path:
    """The socket beside the data or, where that path would be too long, in a folder of /tmp.

    Its name follows from the data folder alone, whatever the environment of a gateway says, so
    that all gateways on one folder meet.
    """
    beside = folder / "redis.sock"
    if len(os.fsencode(beside)) <= _LONGEST_SOCKET:
        return beside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path("/tmp") / f"lethe-{os.getuid()}-{name}" / "redis.sock"  # noqa: S108


def _private(folder: Path) -> None:
    """Make a folder that is ours alone; raises `SettingsError` when somebody else's is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SettingsError(
            f"{folder} belongs to somebody else; set LETHE_DATA_DIR to a folder of your own."
        )
    with contextlib.suppress(PermissionError):
        folder.chmod(0o700)


def _listening(path: Path) -> bool:
    """Whether anybody accepts connections there. A busy server does; a dead one does not."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:  # its backlog is full
            return True
        except OSError:
            return False
    return True
