"""Running a gateway: parts, application, one listening socket that answers from the start."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.crashes import tell_of_tasks
from gateway.errors import SettingsError
from gateway.opening import open_parts
from gateway.pauses import take_short_turns
from gateway.settings import Settings
from gateway.starting import Starting
from gateway.transport import transport

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it; raises `SettingsError` when it cannot start."""
    with listen(settings.host, settings.port) as listener:
        await serve_on(settings, listener)


async def serve_on(
    settings: Settings,
    listener: socket.socket,
    opened: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """The same on a socket that listens already and stays the caller's.

    It answers at once that it starts. With `opened` it accepts nothing before its parts are there
    and that has returned: others answer on the same socket meanwhile.
    """
    take_short_turns()
    tell_of_tasks(asyncio.get_running_loop())
    starting = Starting()
    server = _server(starting, settings)

    def stop() -> None:
        server.should_exit = True

    # uvicorn hears signals only while it serves, and raises the one that ended it once more when
    # it is done: without a handler of ours that would end the process with its parts still up.
    watch_signals(stop)
    serving = None if opened else asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with open_parts(settings) as parts:
            starting.app = create_app(parts)
            if opened is not None:
                await opened()
            log.info("Lethe listens on %s", settings.own_url)
            await (serving or server.serve(sockets=[listener]))
    finally:
        stop()
        if serving is not None:
            await asyncio.gather(serving, return_exceptions=True)


class Anteroom:
    """Answers on a listening socket that the gateway starts, until somebody else can."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        # A socket of its own: uvicorn closes what it was given.
        self._server = _server(Starting(), settings)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener.dup()]))

    async def leave(self) -> None:
        """Accept no more; what was asked is answered first. Again does nothing."""
        self._server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)


def _server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    # uvicorn would log the message of an unexpected error, which may quote a prompt; the
    # application has logged its kind and place.
    logging.getLogger("uvicorn.error").addFilter(_without_errors)
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,  # its lines look like all others
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        **transport(settings),
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def _without_errors(record: logging.LogRecord) -> bool:
    return not record.exc_info


def watch_signals(stop: Callable[[], None]) -> None:
    """Call `stop` when the process is told to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is found before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            why = f"Port {port} on {host} is in use: set LETHE_PORT to another"
        else:
            why = f"Cannot listen on {host}:{port} ({error.strerror}): set LETHE_HOST"
        raise SettingsError(f"{why}.") from error
    return listener
