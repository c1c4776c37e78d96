"""`lethe doctor`: examine a deployment from outside, and say what to mend."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.client import show
from gateway.cli.reaching import address, api_key, is_http

_COLUMNS = {"check": "check", "": "verdict", "found": "told", "to mend": "mend"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    engine: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="An engine that must not answer from here; repeatable."),
    ] = None,
) -> None:
    """Examine the deployment at LETHE_URL; exit code 1 where something fails.

    Files nothing. Asks the model two ordinary questions, of 16 tokens each.
    """
    from gateway.doctor import examine, findings

    base, key = address(), api_key()
    facts = asyncio.run(examine(base, key, [_engine(url) for url in engine or ()]))
    found = findings(facts)
    show([asdict(finding) for finding in found], _COLUMNS, f"What the doctor says of {base}")
    if any(finding.verdict == "fail" for finding in found):
        raise typer.Exit(1)


def _engine(url: str) -> str:
    """The base URL of an engine, as LETHE_UPSTREAMS takes it too."""
    if not is_http(url):
        raise typer.BadParameter(
            f"{url!r} is no URL such as http://10.0.0.5:8000", param_hint="--engine"
        )
    return url.rstrip("/").removesuffix("/v1")
