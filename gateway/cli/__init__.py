"""The command `lethe`: officers file and lift, operators serve, everybody can ask why.

Exit codes: 0, 1 for a failure (one sentence on stderr with the way out), 2 for wrong usage. A
terminal gets tables, a pipe gets JSON lines.
"""

from __future__ import annotations

import sys

import typer

from gateway.cli import (
    audit,
    bench,
    calibrate,
    calibrate_steering,
    doctor,
    eval,
    filing,
    keys,
    life,
    recipients,
    requests,
    serve,
)
from gateway.errors import LetheError

app = typer.Typer(
    name="lethe",
    help="Makes a served language model forget on request.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serve.register(app)
app.command()(filing.forget)
requests.register(app)
life.register(app)
calibrate.register(app)
calibrate_steering.register(app)
doctor.register(app)
app.add_typer(keys.app, name="keys")
app.add_typer(recipients.app, name="recipients")
app.add_typer(audit.app, name="audit")
app.add_typer(bench.app, name="bench")
app.add_typer(eval.app, name="eval")


def main() -> None:
    """Entry point of the command."""
    try:
        app()
    except LetheError as error:
        print(f"lethe: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
