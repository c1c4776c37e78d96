"""Several gateway processes behind one listening socket, each a replica of its own.

The parent opens the socket and keeps the embedded Redis; it serves nothing itself. All workers
accept from the same socket, so connections that wait in it outlive a worker that dies. Until the
first of them can answer, the parent says that the gateway starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop

from gateway.crashes import keep_memory_private, tell_crashes_discreetly, tell_of_tasks
from gateway.errors import LetheError, SettingsError, frames
from gateway.logs import write_log
from gateway.registry.embedded import embedded_redis
from gateway.server import Anteroom, listen, serve_on, watch_signals
from gateway.settings import Settings
from gateway.settings_load import load_settings
from gateway.telemetry.together import FOLDER, forget_worker
from gateway.transport import transport

log = logging.getLogger(__name__)

_PAUSE_S = 1.0
"""Before a worker that died is started again."""

_GRACE_S = 30.0
"""Within which a worker that was told to stop has answered what it was asked."""


async def supervise(settings: Settings, config: Path | None) -> None:
    """Keep `settings.workers` workers running until a signal ends them all.

    They read `config`, the file of the settings, anew: one that is started later may see another.
    Raises `SettingsError` when they cannot start.
    """
    transport(settings)  # told once, not by every worker
    leaving = asyncio.Event()
    tell_of_tasks(asyncio.get_running_loop())
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(settings.host, settings.port))

        def leave() -> None:
            leaving.set()
            listener.close()  # or who comes now would wait for nobody

        watch_signals(leave)
        # prometheus_client sums up there what the workers count, those that died included.
        os.environ[FOLDER] = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="lethe-metrics-")
        )
        anteroom = Anteroom(settings, listener)
        stack.push_async_callback(anteroom.leave)
        if settings.redis_url is None:
            await stack.enter_async_context(embedded_redis(settings.data_dir))
        kept = (_keep(config, listener, leaving, anteroom) for _ in range(settings.workers))
        started = await asyncio.gather(*kept)
    if not all(started):
        raise SettingsError("A worker could not start; what it said stands above.")


async def _keep(
    config: Path | None, listener: socket.socket, leaving: asyncio.Event, anteroom: Anteroom
) -> bool:
    """Keep one worker running until `leaving`; False where its settings let none start."""
    first, context = True, multiprocessing.get_context("spawn")
    while not leaving.is_set():
        door, key = context.Pipe()
        worker = context.Process(target=_work, args=(config, listener, key), name="lethe-worker")
        worker.start()
        key.close()
        opening = asyncio.create_task(_open(door, anteroom))
        gone, told = (
            asyncio.ensure_future(wait) for wait in (_readable(worker.sentinel), leaving.wait())
        )
        await asyncio.wait((gone, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not gone.done():
            worker.terminate()
            await asyncio.wait((gone,), timeout=_GRACE_S)
            worker.kill()
        await gone
        worker.join()
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        door.close()
        forget_worker(worker.pid or 0, os.environ[FOLDER])
        if leaving.is_set():
            break
        if first and worker.exitcode == 1:
            leaving.set()
            return False
        first = False
        log.error("Worker %s ended with %s; starting another.", worker.pid, worker.exitcode)
        await asyncio.sleep(_PAUSE_S)
    return True


async def _open(door: Connection, anteroom: Anteroom) -> None:
    """Let a worker in once it can answer: then nobody says any more that the gateway starts."""
    await _readable(door.fileno())
    with contextlib.suppress(EOFError, OSError):  # it ended first
        door.recv_bytes()
        await anteroom.leave()
        door.send_bytes(b"enter")


async def _readable(source: int) -> None:
    """Wait until a file descriptor has something to say, or nobody to say it any more."""
    loop, said = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(source, said.set)
    try:
        await said.wait()
    finally:
        loop.remove_reader(source)


def _work(config: Path | None, listener: socket.socket, door: Connection) -> None:
    """What a worker does, in a process of its own."""
    write_log()
    keep_memory_private()
    tell_crashes_discreetly()
    try:
        settings = load_settings(config)
        write_log(settings.log_format)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, listener, door))
    except LetheError as error:
        print(f"lethe: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:  # multiprocessing would print what it says
        log.critical("The worker ends: %s\n%s", type(error).__name__, frames(error))
        sys.exit(70)


async def _serve(settings: Settings, listener: socket.socket, door: Connection) -> None:
    loop, parent = asyncio.get_running_loop(), multiprocessing.parent_process()
    assert parent is not None  # noqa: S101  # a worker was started by one

    def orphaned() -> None:
        loop.remove_reader(parent.sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    # A parent that was killed can stop nobody: then nothing would ever free the port.
    loop.add_reader(parent.sentinel, orphaned)

    async def opened() -> None:
        door.send_bytes(b"ready")
        await _readable(door.fileno())

    await serve_on(settings, listener, opened)
