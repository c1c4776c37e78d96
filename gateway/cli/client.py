"""Asking a running gateway, and showing what it answered."""

from __future__ import annotations

import asyncio
import sys
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.cli.reaching import CallFailed, address, api_key

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_PATIENCE_S = 90.0
"""Seconds that an answer may take, or the next piece of a long one."""


def call(
    method: str,
    path: str,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """One call of the gateway at LETHE_URL with LETHE_API_KEY; raises `CallFailed`."""
    return asyncio.run(_call(method, path, body, query or {}, headers or {}))


def send(path: str, body: bytes, kind: str, query: Mapping[str, str]) -> Any:
    """Post a body of a content type; the lines of JSON that come back. Raises `CallFailed`."""
    return asyncio.run(_send(path, body, kind, query))


def stream(path: str, query: Mapping[str, str]) -> Iterator[bytes]:
    """The lines of an answer as they come, however long it is; raises `CallFailed`."""
    with asyncio.Runner() as runner:
        pieces = _lines(path, query)
        try:
            while (lines := runner.run(anext(pieces, None))) is not None:
                yield from lines
        finally:
            runner.run(pieces.aclose())


async def _send(path: str, body: bytes, kind: str, query: Mapping[str, str]) -> Any:
    async with _asked("POST", path, body, query, kind=kind) as response:
        status, answer = response.status, await response.read()
    if status >= 400:
        return _decoded(status, answer, address())
    return [orjson.loads(line) for line in answer.splitlines()]


async def _call(
    method: str, path: str, body: Any, query: Mapping[str, str], headers: Mapping[str, str]
) -> Any:
    data = None if body is None else orjson.dumps(body)
    async with _asked(method, path, data, query, headers=headers) as response:
        status, answer = response.status, await response.read()
    return _decoded(status, answer, address())


async def _lines(path: str, query: Mapping[str, str]) -> AsyncGenerator[list[bytes], None]:
    async with _asked("GET", path, None, query, total_s=None) as response:
        if response.status >= 400:
            _decoded(response.status, await response.read(), address())
        rest = b""
        async for chunk in response.content.iter_any():
            *lines, rest = (rest + chunk).split(b"\n")
            yield lines
        if rest:
            yield [rest]


@asynccontextmanager
async def _asked(
    method: str,
    path: str,
    data: bytes | None,
    query: Mapping[str, str],
    *,
    kind: str = "application/json",
    headers: Mapping[str, str] = MappingProxyType({}),
    total_s: float | None = _PATIENCE_S,
) -> AsyncIterator[ClientResponse]:
    """The answer of the gateway as it comes in; raises `CallFailed` where it breaks off too."""
    import aiohttp
    from yarl import URL

    from gateway.unreached import why_unreached

    base, key = address(), api_key()
    who = {"Authorization": f"Bearer {key}"} if key else {}
    said = {"Content-Type": kind, **headers, **who}
    timeout = aiohttp.ClientTimeout(total=total_s, sock_read=_PATIENCE_S)
    try:
        # As it is: a part of a path that was quoted stays one part, and dots in it too.
        url = URL(base + path, encoded=True)
        async with (
            aiohttp.ClientSession(timeout=timeout, headers=said) as session,
            session.request(method, url, data=data, params=dict(query)) as response,
        ):
            yield response
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        told, mend = why_unreached(base, error)
        raise CallFailed(f"{told}: {mend}.") from error


def _decoded(status: int, answer: bytes, base: str) -> Any:
    try:
        content = orjson.loads(answer) if answer else None
    except orjson.JSONDecodeError:
        raise CallFailed(f"What answers at {base} is no Lethe: set LETHE_URL.") from None
    if status >= 400:
        error = content.get("error") if isinstance(content, dict) else None
        message = error.get("message") if isinstance(error, dict) else None
        hint = " Set LETHE_API_KEY to a key with the right role." if status in (401, 403) else ""
        raise CallFailed(f"{message or f'The gateway answered {status}.'}{hint}")
    return content


def path_of(request_id: str) -> str:
    """The route of one forget request."""
    return f"/admin/forget-requests/{part(request_id)}"


def part(given: str) -> str:
    """An id as a part of a path; raises `CallFailed` where it is empty."""
    if not given.strip():
        # Else it would lead to the route of all of them.
        raise CallFailed("The ID is empty: give the one that the list shows.")
    # Quoted whole: an id from elsewhere must not lead to another route.
    return quote(given, safe="")


def text_of(path: Path) -> str:
    """The text of a file; raises `CallFailed`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CallFailed(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CallFailed(f"{path} cannot be read as UTF-8 text: {error}.") from error


def show(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], title: str) -> None:
    """Print rows: JSON lines into a pipe, a table of the named columns on a terminal.

    `columns` maps a heading to a dotted path into a row. The first column is never broken.
    """
    if not sys.stdout.isatty():
        for row in rows:
            print(orjson.dumps(row).decode())
        return
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(columns):
        table.add_column(heading, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(_cell(_at(row, path)) for path in columns.values()))
    Console().print(table)


def show_one(row: Mapping[str, Any], title: str) -> None:
    """Print one object: a JSON line into a pipe, its fields below each other on a terminal."""
    if not sys.stdout.isatty():
        show([row], {}, title)
        return
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, value in row.items():
        if value not in (None, [], {}):
            table.add_row(f"[bold]{name}[/bold]", _cell(value))
    Console().print(table)


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        shown = {key: _cell(item) for key, item in value.items()}
        return ", ".join(f"{key} {text}" for key, text in shown.items() if text)
    if isinstance(value, list):
        return "; ".join(_cell(item) for item in value)
    # A filed name may hold what moves a terminal's cursor or turns its text around.
    plain = "".join(c for c in str(value) if unicodedata.category(c) not in {"Cc", "Cf"})
    return escape(plain)
