"""`lethe forget`, `requests`, `approve`, `deny`, `lift`, `explain`: the officer's commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer
from rich.console import Console

from gateway.cli.client import CallFailed, call, show, show_one
from gateway.cli.explained import print_explanation

_COLUMNS = {
    "id": "id",
    "revision": "revision",
    "status": "status",
    "subject": "subject.name",
    "received": "received_time",
    "live": "enforcement.gateways.live",
    "acknowledged": "enforcement.gateways.acknowledged",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (forget, requests, approve, deny, lift, explain):
        app.command()(command)


def forget(
    name: Annotated[str, typer.Argument(help="The subject: a person, a book, a thing.")],
    alias: Annotated[list[str] | None, typer.Option(help="Another name of the subject.")] = None,
    question: Annotated[list[str] | None, typer.Option(help="A question to forget.")] = None,
    passage: Annotated[
        list[Path] | None, typer.Option(help="A file with a text to forget word for word.")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(metavar="STATEMENT=VALUE", help="A fact, and the value not to be told."),
    ] = None,
    forbid: Annotated[list[str] | None, typer.Option(help="A string never to be said.")] = None,
    retain: Annotated[
        list[str] | None, typer.Option(help="A question that must still be answered.")
    ] = None,
    action: Annotated[
        Literal["auto", "refuse", "suppress", "observe"],
        typer.Option(help="What a match leads to."),
    ] = "auto",
    blind: Annotated[
        bool, typer.Option("--blind", help="Keep none of these texts: only what enforces them.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds to wait for all gateways.")
    ] = 0.0,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="File nothing; tell which ordinary prompts it would block."),
    ] = False,
) -> None:
    """File a forget request; prints what the gateway answers."""
    body = {
        "subject": {"name": name, "aliases": alias or []},
        "scope": {
            "questions": question or [],
            "passages": [_text(path) for path in passage or []],
            "facts": [_fact(text) for text in fact or []],
            "forbidden": forbid or [],
        },
        "retain": retain or [],
        "action": action,
        "blind": blind,
    }
    query = {"wait": f"{wait:g}"} if wait else {}
    query |= {"dry_run": "true"} if dry_run else {}
    title = "Dry run, nothing is filed" if dry_run else "Filed"
    show_one(call("POST", "/admin/forget-requests", body, query), title)


def requests(
    request_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    status: Annotated[
        Literal["pending", "in_progress", "completed", "lifted", "cancelled", "denied"] | None,
        typer.Option(help="Only those in this status."),
    ] = None,
) -> None:
    """Show one forget request, or list all."""
    if request_id:
        show_one(call("GET", _path(request_id)), "Forget request")
        return
    query, rows = {"limit": "1000"} | ({"status": status} if status else {}), []
    while True:
        page = call("GET", "/admin/forget-requests", query=query)
        rows += page["items"]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]
    show(rows, _COLUMNS, "Forget requests")


def approve(
    request_id: Annotated[str, typer.Argument(metavar="ID")],
    wait: Annotated[
        float, typer.Option(min=0, max=60, help="Seconds to wait for all gateways.")
    ] = 0.0,
) -> None:
    """Approve a pending forget request: it is enforced from here on."""
    query = {"wait": f"{wait:g}"} if wait else {}
    show_one(call("POST", _path(request_id) + "/approve", query=query), "Approved")


def deny(request_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Deny a pending forget request: it will not be enforced."""
    show_one(call("POST", _path(request_id) + "/deny"), "Denied")


def lift(request_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Lift a forget request: the answer comes back."""
    show_one(call("POST", _path(request_id) + "/lift"), "Lifted")


def explain(text: Annotated[str, typer.Argument(help="A prompt.")]) -> None:
    """Say what would happen to a prompt, and why."""
    answer = call("POST", "/admin/explain", {"text": text})
    if sys.stdout.isatty():
        print_explanation(text, answer, Console())
    else:
        show_one(answer, "Verdict")


def _path(request_id: str) -> str:
    # Quoted whole: an id from elsewhere must not lead to another route.
    return f"/admin/forget-requests/{quote(request_id, safe='')}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CallFailed(f"{path} cannot be read as UTF-8 text: {error}.") from error


def _fact(text: str) -> dict[str, Any]:
    statement, separator, value = text.rpartition("=")
    if not separator or not statement.strip() or not value.strip():
        raise typer.BadParameter(
            f"{text!r} is not of the form STATEMENT=VALUE", param_hint="--fact"
        )
    return {"statement": statement, "values": [value]}
