"""`lethe requests`, `export`, `import`, `explain`: what there is, and why."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.console import Console

from gateway.cli.client import call, path_of, send, show, show_one, stream
from gateway.cli.explained import print_explanation
from gateway.cli.reaching import CallFailed
from gateway.lines import Lines
from gateway.registry.filing import Regulation
from gateway.registry.status import Status
from gateway.rows import TYPES, Format

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
About = Annotated[
    str | None, typer.Option("--subject", help="Only those filed under this name; not its aliases.")
]
Submitted = Annotated[
    str | None, typer.Option("--subject-request-id", help="Only the one that was filed with it.")
]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only those past their due date.")]
Since = Annotated[
    str | None,
    typer.Option("--received-since", help="Only from a date or a time on, in UTC."),
]
Until = Annotated[
    str | None,
    typer.Option(
        "--received-until", help="Only before a time, or before a date begins: name the next day."
    ),
]
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
    counts = Counter[str]()
    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
            for numbers, body in _batches(source, kind):
                for told in send("/admin/forget-requests/import", body, TYPES[kind], query):
                    what = "bad" if told["status"] >= 400 else "good"
                    what = "left out" if "not_filed" in told else what
                    counts[what] += 1
                    if what != "good" or not sys.stdout.isatty():
                        print(orjson.dumps(told | {"line": numbers[told["line"]]}).decode())
    except OSError as error:
        raise CallFailed(f"{file} cannot be read: {error.strerror}.") from error
    print(_summed(counts, "valid" if dry_run else "filed"), file=sys.stderr)
    if counts["bad"]:
        raise CallFailed("Mend what is told above and import the file again.")


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


def _summed(counts: Mapping[str, int], done: str) -> str:
    """What became of the lines of a file, in a sentence or two."""
    good, bad, left_out = (counts[what] for what in ("good", "bad", "left out"))
    text = f"{_lines(good)} {done}"
    if bad:
        text += f", {bad} {'is' if bad == 1 else 'are'} not"
    if left_out:
        text += f". {_lines(left_out)} left out: what had ended or was paused is not filed again"
    return f"{text}."


def _lines(number: int) -> str:
    return "1 line is" if number == 1 else f"{number} lines are"


def _batches(source: BinaryIO, kind: Format) -> Iterator[tuple[Mapping[int, int], bytes]]:
    """Some lines at a time, each with the columns of CSV.

    Beside them the number in the file of each line, by the one that it is sent under.
    """
    found = Lines(kind, _MOST)
    pieces = iter(lambda: source.read(2**20), b"")
    lines = itertools.chain(
        itertools.chain.from_iterable(map(found.feed, pieces)),
        found.flush(),
    )
    head = list(itertools.islice(lines, 1)) if kind == "csv" else []
    while batch := list(itertools.islice(lines, _TOGETHER)):
        numbers, sent = dict[int, int](), 1
        for number, line in (*head, *batch):
            numbers[sent] = number
            sent += line.count(b"\n") + 1
        yield numbers, b"\n".join(line for _, line in (*head, *batch))
