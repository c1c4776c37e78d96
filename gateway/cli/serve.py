"""`lethe serve`: run a gateway, or the whole demo stack."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.errors import SettingsError
from gateway.logs import write_log


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    config: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Start Redis, vLLM and a gateway on the demo model.")
    ] = False,
) -> None:
    """Run a gateway in front of the vLLM that LETHE_UPSTREAMS names."""
    write_log()
    if demo:
        _serve_demo()
        return
    import uvloop

    from gateway.crashes import keep_memory_private, tell_crashes_discreetly
    from gateway.server import serve as run
    from gateway.settings_load import load_settings
    from gateway.workers import supervise

    settings = load_settings(config)
    write_log(settings.log_format)
    if not settings.upstreams:
        raise SettingsError(
            "LETHE_UPSTREAMS names no vLLM: set it to its base URL, such as "
            "http://127.0.0.1:8000, or try 'lethe serve --demo'."
        )
    keep_memory_private()
    tell_crashes_discreetly()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings) if settings.workers == 1 else supervise(settings, config))


def _serve_demo() -> None:
    """The demo is a program of its own: it may import everything, nothing may import it."""
    if importlib.util.find_spec("demo") is None:
        raise SettingsError(
            "The demo model comes with the source tree, not with the wheel: clone the repository "
            "and call 'make serve' there."
        )
    # Replaced rather than started: signals then reach what has to stop the stack.
    os.execv(sys.executable, [sys.executable, "-m", "demo", "--serve"])  # noqa: S606
