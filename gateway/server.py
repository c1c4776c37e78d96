"""Running a gateway: parts, application, one listening socket."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket

import uvicorn

from gateway.app import create_app
from gateway.errors import SettingsError
from gateway.parts import open_parts
from gateway.pauses import take_short_turns
from gateway.settings import Settings

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it; raises `SettingsError` when it cannot start."""
    if not settings.upstreams:
        raise SettingsError(
            "LETHE_UPSTREAMS names no vLLM: set it to its base URL, such as "
            "http://127.0.0.1:8000, or try 'lethe serve --demo'."
        )
    take_short_turns()
    listener = listen(settings.host, settings.port)
    # uvicorn raises the signal that ended it once more when it is done. Without a handler of
    # ours that would end the process before the parts are taken down.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: None)
    with listener:
        async with open_parts(settings) as parts:
            config = uvicorn.Config(
                create_app(parts),
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=10,
            )
            # uvicorn would log the message of an unexpected error, which may quote a prompt; the
            # application has logged its kind and place.
            logging.getLogger("uvicorn.error").addFilter(lambda record: not record.exc_info)
            log.info("Lethe listens on http://%s:%d", settings.host, settings.port)
            await uvicorn.Server(config).serve(sockets=[listener])


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
