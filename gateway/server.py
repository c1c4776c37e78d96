"""Running a gateway: parts, application, one listening socket."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable

import uvicorn

from gateway.app import create_app
from gateway.errors import SettingsError
from gateway.parts import open_parts
from gateway.pauses import take_short_turns
from gateway.settings import Settings
from gateway.transport import transport

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it; raises `SettingsError` when it cannot start."""
    with listen(settings.host, settings.port) as listener:
        await serve_on(settings, listener)


async def serve_on(settings: Settings, listener: socket.socket) -> None:
    """The same on a socket that listens already and stays the caller's."""
    take_short_turns()
    config = uvicorn.Config(
        "",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        **transport(settings),
        timeout_graceful_shutdown=10,
    )
    # uvicorn would log the message of an unexpected error, which may quote a prompt; the
    # application has logged its kind and place.
    logging.getLogger("uvicorn.error").addFilter(lambda record: not record.exc_info)
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    # uvicorn hears signals only while it serves, and raises the one that ended it once more when
    # it is done: without a handler of ours that would end the process with its parts still up.
    watch_signals(stop)
    async with open_parts(settings) as parts:
        config.app = create_app(parts)
        log.info("Lethe listens on %s", settings.own_url)
        await server.serve(sockets=[listener])


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
