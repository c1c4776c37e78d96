"""`lethe doctor`: examine a deployment from outside, and say what to mend."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli.client import show

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

    base = os.environ.get("LETHE_URL", "http://127.0.0.1:8080").rstrip("/")
    facts = asyncio.run(examine(base, os.environ.get("LETHE_API_KEY"), engine or ()))
    found = findings(facts)
    show([asdict(finding) for finding in found], _COLUMNS, f"What the doctor says of {base}")
    if any(finding.verdict == "fail" for finding in found):
        raise typer.Exit(1)
