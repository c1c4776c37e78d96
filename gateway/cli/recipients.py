"""`lethe recipients`: who is told by webhooks what happens to forget requests."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.client import call, part, show, show_one
from gateway.cli.reaching import CallFailed

app = typer.Typer(help="Register, list, test and remove recipients.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID")]
_PATH = "/admin/recipients"


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="Where it is told.")],
    name: Annotated[str, typer.Option(help="Who it is.")] = "",
    event: Annotated[
        list[str] | None,
        typer.Option(help="What it is told of, such as completed; repeatable. Left out: all."),
    ] = None,
    include_subject: Annotated[
        bool, typer.Option("--include-subject", help="Tell it subject and scope, too.")
    ] = False,
) -> None:
    """Register a recipient; its secret is shown this once."""
    body = {"name": name, "url": url, "events": event or None, "include_subject": include_subject}
    show_one(call("POST", _PATH, body), "New recipient")


@app.command("list")
def listing() -> None:
    """List the recipients."""
    columns = {
        "id": "id",
        "name": "name",
        "url": "url",
        "events": "events",
        "subject": "include_subject",
        "disabled": "disabled",
    }
    show(call("GET", _PATH)["items"], columns, "Recipients")


@app.command()
def remove(recipient_id: Id) -> None:
    """Remove a recipient; what waits for it is given up."""
    call("DELETE", f"{_PATH}/{part(recipient_id)}")
    show_one({"id": recipient_id, "removed": True}, "Removed")


@app.command()
def test(recipient_id: Id) -> None:
    """Send a recipient a test; fails where it does not arrive."""
    answer = call("POST", f"{_PATH}/{part(recipient_id)}/test")
    show_one(answer, "Test")
    if not answer["delivered"]:
        why = answer["error"] or f"it answered {answer['status']}"
        raise CallFailed(f"The test did not arrive ({why}): see docs/webhooks.md.")


@app.command("rotate-secret")
def rotate_secret(recipient_id: Id) -> None:
    """Give a recipient another secret, shown this once; the one before holds for a day."""
    show_one(call("POST", f"{_PATH}/{part(recipient_id)}/rotate-secret"), "New secret")
