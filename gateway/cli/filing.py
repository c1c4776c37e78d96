"""`lethe forget`: filing from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.cli.client import call, show_one, text_of
from gateway.registry.filing import Regulation


def forget(
    name: Annotated[str, typer.Argument(help="The subject: a person, a book, a thing.")],
    alias: Annotated[list[str] | None, typer.Option(help="Another name of the subject.")] = None,
    description: Annotated[
        str | None, typer.Option(help="Whom or what it is about, in a sentence or two.")
    ] = None,
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
    regulation: Annotated[
        Regulation, typer.Option(help="The law that the request is made under.")
    ] = "gdpr",
    subject_request_id: Annotated[
        str | None, typer.Option(help="A UUID of version 4: filing it again files nothing twice.")
    ] = None,
    unverified: Annotated[
        bool, typer.Option("--unverified", help="It is not known yet who asks.")
    ] = False,
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
    body: dict[str, Any] = {
        "subject": {"name": name, "aliases": alias or [], "description": description},
        "scope": {
            "questions": question or [],
            "passages": [text_of(path) for path in passage or []],
            "facts": [_fact(text) for text in fact or []],
            "forbidden": forbid or [],
        },
        "retain": retain or [],
        "action": action,
        "regulation": regulation,
        "subject_request_id": subject_request_id,
        "identity_verified": not unverified,
        "blind": blind,
    }
    query = {"wait": f"{wait:g}"} if wait else {}
    query |= {"dry_run": "true"} if dry_run else {}
    title = "Dry run, nothing is filed" if dry_run else "Filed"
    show_one(call("POST", "/admin/forget-requests", body, query), title)


def _fact(text: str) -> dict[str, Any]:
    statement, separator, value = text.rpartition("=")
    if not separator or not statement.strip() or not value.strip():
        raise typer.BadParameter(
            f"{text!r} is not of the form STATEMENT=VALUE", param_hint="--fact"
        )
    return {"statement": statement, "values": [value]}
