"""`lethe requests`, `export`, `import`, `explain`: what there is, and why."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.console import Console

from gateway.cli.client import call, path_of, send, show, show_one, stream
from gateway.cli.explained import print_explanation
from gateway.cli.reaching import CallFailed
from gateway.registry.filing import Regulation
from gateway.registry.status import Status
from gateway.rows import TYPES, Format, Lines

_COLUMNS = {
    "id": "id",
    "revision": "revision",
    "status": "status",
    "subject": "subject.name",
    "received": "received_time",
    "due": "expected_completion_time",
    "live": "enforcement.gateways.live",
    "acknowledged": "enforcement.gateways.acknowledged",
}
_PARTS = {
    "events": {name: name for name in ("time", "by", "action", "version", "details")},
    "versions": {"version": "version", "subject": "subject.name", "scope": "scope"},
    "notes": {name: name for name in ("time", "by", "text")},
}
_TOGETHER = 200
"""Lines that are sent at once: what became of them is shown before the next are sent."""
_PAGE = "1000"
_MOST = 2**30
"""Bytes of a line here; the gateway has a limit of its own."""

InStatus = Annotated[Status | None, typer.Option("--status", help="Only those in this status.")]
Under = Annotated[Regulation | None, typer.Option("--regulation", help="Only those under it.")]
About = Annotated[str | None, typer.Option("--subject", help="Only those about this name.")]
Submitted = Annotated[
    str | None, typer.Option("--subject-request-id", help="Only the one that was filed with it.")
]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only those past their due date.")]
Since = Annotated[str | None, typer.Option("--received-since", help="A date or a time.")]
Until = Annotated[str | None, typer.Option("--received-until", help="A date or a time.")]
Kind = Annotated[
    Format | None, typer.Option("--format", help="Left out: csv for a file named so, else jsonl.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    for command in (requests, export, explain):
        app.command()(command)


def requests(
    request_id: Annotated[str | None, typer.Argument(metavar="[ID]")] = None,
    status: InStatus = None,
    regulation: Under = None,
    subject: About = None,
    subject_request_id: Submitted = None,
    overdue: Overdue = False,
    received_since: Since = None,
    received_until: Until = None,
    events: Annotated[bool, typer.Option("--events", help="What happened to the one.")] = False,
    versions: Annotated[bool, typer.Option("--versions", help="What was filed of it.")] = False,
    notes: Annotated[bool, typer.Option("--notes", help="What was noted on it.")] = False,
) -> None:
    """Show one forget request, or list all that fit."""
    asked = dict(zip(_PARTS, (events, versions, notes), strict=True))
    told = [name for name in _PARTS if asked[name]]
    if request_id is None:
        if told:
            raise typer.BadParameter("name the request", param_hint="ID")
        query = _query(
            status, regulation, subject, subject_request_id, overdue, received_since, received_until
        )
        found = list(_listed("/admin/forget-requests", query | {"limit": _PAGE}))
        show(found, _COLUMNS, "Forget requests")
        return
    if not told:
        show_one(call("GET", path_of(request_id)), "Forget request")
    for name in told:
        # Notes are few, and come at once.
        query = {} if name == "notes" else {"limit": _PAGE}
        items = list(_listed(f"{path_of(request_id)}/{name}", query))
        show(items, _PARTS[name], name.capitalize())


def export(
    status: InStatus = None,
    regulation: Under = None,
    subject: About = None,
    subject_request_id: Submitted = None,
    overdue: Overdue = False,
    received_since: Since = None,
    received_until: Until = None,
    format: Annotated[Format, typer.Option(help="JSON lines, or CSV.")] = "jsonl",
) -> None:
    """Write all forget requests that fit to stdout; JSON lines can be imported again whole."""
    query = _query(
        status, regulation, subject, subject_request_id, overdue, received_since, received_until
    )
    for line in stream("/admin/forget-requests/export", query | {"format": format}):
        sys.stdout.buffer.write(line + b"\n")


def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines or CSV; - is stdin.")],
    format: Kind = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Validate each line, and file nothing.")
    ] = False,
) -> None:
    """File each line of a file. Again does no harm: what was filed is not filed twice."""
    kind: Format = format or ("csv" if file.suffix.lower() == ".csv" else "jsonl")
    query = {"format": kind} | ({"dry_run": "true"} if dry_run else {})
    counts = {True: 0, False: 0}
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
            for before, body in _batches(source, kind):
                for told in send("/admin/forget-requests/import", body, TYPES[kind], query):
                    bad = told["status"] >= 400
                    counts[bad] += 1
                    if bad or not sys.stdout.isatty():
                        print(orjson.dumps(told | {"line": told["line"] + before}).decode())
    except OSError as error:
        raise CallFailed(f"{file} cannot be read: {error.strerror}.") from error
    what = "valid" if dry_run else "filed"
    if counts[True]:
        raise CallFailed(
            f"{counts[False]} lines are {what}, {counts[True]} are not: mend these and import the "
            "file again."
        )
    print(f"{counts[False]} lines are {what}.", file=sys.stderr)


def explain(text: Annotated[str, typer.Argument(help="A prompt.")]) -> None:
    """Say what would happen to a prompt, and why."""
    answer = call("POST", "/admin/explain", {"text": text})
    if sys.stdout.isatty():
        print_explanation(text, answer, Console())
    else:
        show_one(answer, "Verdict")


def _query(
    status: Status | None,
    regulation: Regulation | None,
    subject: str | None,
    subject_request_id: str | None,
    overdue: bool,
    received_since: str | None,
    received_until: str | None,
) -> dict[str, str]:
    """What is asked of the list: the options that were given."""
    given = {
        "status": status and status.value,
        "regulation": regulation,
        "subject": subject,
        "subject_request_id": subject_request_id,
        "overdue": "true" if overdue else None,
        "received_since": received_since,
        "received_until": received_until,
    }
    return {name: value for name, value in given.items() if value is not None}


def _listed(path: str, query: dict[str, str]) -> Iterator[dict[str, object]]:
    """The items of all pages."""
    while True:
        page = call("GET", path, query=query)
        yield from page["items"]
        if not page.get("next_cursor"):
            return
        query |= {"cursor": page["next_cursor"]}


def _batches(source: BinaryIO, kind: Format) -> Iterator[tuple[int, bytes]]:
    """Some lines at a time, and how many came before; each with the columns of CSV."""
    found = Lines(kind, _MOST)
    pieces = iter(lambda: source.read(2**20), b"")
    lines = itertools.chain(
        itertools.chain.from_iterable(map(found.feed, pieces)),
        found.flush(),
    )
    head = next(lines, b"") + b"\n" if kind == "csv" else b""
    before = 0
    while batch := list(itertools.islice(lines, _TOGETHER)):
        yield before, head + b"\n".join(batch)
        before += len(batch)
