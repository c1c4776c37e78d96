"""`lethe audit`: export the audit, and verify an export or the server's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.client import show_one, stream
from gateway.cli.reaching import CallFailed

if TYPE_CHECKING:
    from gateway.audit.check import Check
    from gateway.registry.audit import Entry, Head

app = typer.Typer(help="Export and verify the audit.", no_args_is_help=True)
_PATH = "/admin/audit"


@app.command()
def export(
    after: Annotated[int, typer.Option(min=0, help="The number of the entry to go on after.")] = 0,
) -> None:
    """Write the audit to standard output: one entry a line, and the signed head."""
    for line in stream(_PATH, {"after": str(after)}):
        sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An export; left out, the server is asked for one.")
    ] = None,
    public_key: Annotated[
        str | None,
        typer.Option(help="The deployment's key, as GET /admin/signing-key has told it before."),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER:HASH", help="A head that was kept: nothing before may differ."
        ),
    ] = None,
) -> None:
    """Check that the audit is whole and unaltered; with FILE no server is needed."""
    from gateway.audit.check import Check
    from gateway.registry.errors import AuditBroken

    kept = None if head is None else _head(head)
    known = None if public_key is None else _key(public_key)
    found, problem = Check(known, kept), None
    try:
        for line in _lines(file) if file else stream(_PATH, {}):
            found.feed(line)
        found.finish()
    except AuditBroken as error:
        problem = str(error)
    show_one(_row(found, problem, known=known is not None), "Audit")
    if problem is not None:
        raise CallFailed(f"The audit is not as it should be. {problem}")


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            for line in file:
                yield line.removesuffix(b"\n")
    except OSError as error:
        raise CallFailed(f"{path} cannot be read: {error.strerror}.") from error


def _key(text: str) -> str:
    from gateway.signing import read_public_key

    try:
        return read_public_key(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}, as GET /admin/signing-key tells it", param_hint="--public-key"
        ) from None


def _head(text: str) -> Head:
    from gateway.registry.audit import Head

    number, _, found = text.partition(":")
    if not number.isdecimal() or len(found) != 64:
        raise typer.BadParameter("must be NUMBER:HASH, as 'verify' shows it", param_hint="--head")
    return Head(int(number), found)


def _row(found: Check, problem: str | None, *, known: bool) -> dict[str, Any]:
    signed = found.signed
    ended = signed and f"{signed.head.number}:{signed.head.hash}"
    return {
        "ok": problem is None,
        "problem": problem,
        "entries": found.entries,
        "first": _entry(found.first),
        "last": _entry(found.last),
        "head": ended,
        "signed": signed and signed.time,
        "public_key": signed and signed.public_key,
        # Else it is the export itself that says whose signature it is.
        "public_key_given": known,
    }


def _entry(entry: Entry | None) -> dict[str, Any] | None:
    return None if entry is None else {"number": entry.number, "time": entry.time}
