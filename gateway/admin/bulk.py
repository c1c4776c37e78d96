"""Many forget requests at once: filed from the lines of a file, and told as one."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from gateway.admin.filing import parse_filing
from gateway.admin.forget import ForgetRequests
from gateway.admin.listing import FILTERS, wanted
from gateway.admin.views import state_view
from gateway.caller import Caller
from gateway.errors import ApiError, InvalidRequest, RegistryUnavailable, frames
from gateway.http import known_query, query_switch
from gateway.parts import Parts
from gateway.registry.audit import Deed
from gateway.registry.errors import RegistryError
from gateway.registry.filter import Filter
from gateway.registry.models import Record
from gateway.roles import FILE, READ
from gateway.rows import (
    TYPES,
    Format,
    Lines,
    body_of,
    columns_of,
    csv_head,
    csv_lines,
    json_line,
)

log = logging.getLogger(__name__)

MOST = 100_000
"""Lines of one import: what becomes of each is held until all have been read."""
_AT_ONCE = 16
_PAGE = 200

Told = dict[str, Any]


def bulk_router(parts: Parts) -> APIRouter:
    """Import and export."""
    router = APIRouter()
    allowed = parts.access.dependencies
    importing = Importing(ForgetRequests(parts), parts.cipher.derive("import"))

    @router.post("/forget-requests/import", dependencies=allowed(FILE))
    async def file_all(request: Request) -> Response:
        """File each line; the answer tells line by line what became of it.

        A line that cannot be filed stops no other. With `dry_run` each is validated only.
        """
        known_query(request, "dry_run", "format")
        kind = _format(request, request.headers.get("content-type", ""))
        found = _lines(request.stream(), Lines(kind, parts.settings.max_body))
        dry_run, who = query_switch(request.query_params, "dry_run"), request.state.caller
        told = await importing.run(found, kind, who, dry_run=dry_run)
        answer = b"".join(orjson.dumps(each) + b"\n" for each in told)
        return Response(answer, media_type=TYPES["jsonl"])

    @router.get("/forget-requests/export", dependencies=allowed(READ))
    async def export(request: Request) -> Response:
        """All forget requests that fit, as a file; told in the audit."""
        known_query(request, *FILTERS, "format")
        kind = _format(request, "")
        found = wanted(request.query_params)
        caller: Caller = request.state.caller
        details = {name: value for name, value in request.query_params.items() if name in _TELLABLE}
        await parts.registry.log(Deed("exported", caller.id, details=details))
        return StreamingResponse(_exported(parts, found, kind), media_type=TYPES[kind])

    return router


_TELLABLE = frozenset(FILTERS) - {"subject", "subject_request_id"}


class Importing:
    """Files the lines of a file, some at a time, in their order of beginning."""

    def __init__(self, requests: ForgetRequests, key: bytes) -> None:
        self._requests = requests
        self._key = key

    async def run(
        self, found: AsyncIterator[bytes], kind: Format, who: Caller, *, dry_run: bool
    ) -> list[Told]:
        """What became of each line, in the order of the file.

        Raises `InvalidRequest` for a CSV file whose first line names no columns.
        """
        columns: tuple[str, ...] | None = None
        told: list[Told] = []
        room, works = asyncio.Semaphore(_AT_ONCE), set[asyncio.Task[None]]()
        file = self._tried if dry_run else self._filed
        number = 0
        try:
            async for line in found:
                if kind == "csv" and columns is None:
                    columns = columns_of(line)
                    continue
                number += 1
                if number > MOST:
                    told.append(_too_many(number))
                    break
                told.append({"line": number})
                await room.acquire()
                work = asyncio.create_task(self._one(told[-1], line, columns, who, file))
                works.add(work)
                work.add_done_callback(works.discard)
                work.add_done_callback(lambda done: room.release())
        except ApiError as error:  # a line that is too large: where the next begins is not known
            told.append({"line": number + 1} | _failed(error))
        finally:
            await asyncio.gather(*works)
        return told

    async def _one(
        self,
        told: Told,
        line: bytes,
        columns: tuple[str, ...] | None,
        who: Caller,
        file: Callable[[Any, Caller], Any],
    ) -> None:
        try:
            told |= await file(body_of(line, columns), who)
        except ApiError as error:
            told |= _failed(error)
        except RegistryError as error:
            told |= _failed(RegistryUnavailable(str(error), code="registry_untrusted"))
        except Exception as error:
            log.error("%s while importing\n%s", type(error).__name__, frames(error))
            told |= _failed(ApiError("Something went wrong inside the gateway.", code="internal"))

    async def _filed(self, body: Any, who: Caller) -> Told:
        record, new = await self._requests.file(self._named(body), who)
        return {"status": 201 if new else 200, "id": record.id, "request": record.status.value}

    async def _tried(self, body: Any, who: Caller) -> Told:
        await asyncio.to_thread(parse_filing, body)
        return {"status": 200}

    def _named(self, body: Any) -> Any:
        """A body with a subject_request_id: of its content where it has none of its own.

        So a file that is imported twice files nothing twice.
        """
        if not isinstance(body, dict) or body.get("subject_request_id") is not None:
            return body
        try:
            content = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        except orjson.JSONEncodeError:  # it is nested more deeply than any filing, and refused
            return body
        made = UUID(bytes=hmac.digest(self._key, content, "sha256")[:16], version=4)
        return body | {"subject_request_id": str(made)}


async def _lines(pieces: AsyncIterator[bytes], found: Lines) -> AsyncIterator[bytes]:
    async for piece in pieces:
        for line in found.feed(piece):
            yield line
    for line in found.flush():
        yield line


async def _exported(parts: Parts, wanted: Filter, kind: Format) -> AsyncIterator[bytes]:
    """The lines of an export, page by page: no more than a page is held."""
    if kind == "csv":
        yield csv_head()
    cursor: str | None = None
    while True:
        page = await parts.registry.list(wanted, _PAGE, cursor)
        yield await asyncio.to_thread(_written, page.items, kind)
        cursor = page.next_cursor
        if cursor is None:
            return


def _written(records: tuple[Record, ...], kind: Format) -> bytes:
    rows: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [
        (orjson.loads(record.filed), state_view(record)) for record in records
    ]
    if kind == "csv":
        return b"".join(csv_lines(rows))
    return b"".join(json_line(filing, state) for filing, state in rows)


def _format(request: Request, content_type: str) -> Format:
    """The format that the query string or the type of the body names, JSON lines by default."""
    named = request.query_params.get("format")
    if named is None:
        return "csv" if content_type.partition(";")[0].strip().lower() == "text/csv" else "jsonl"
    if named == "csv":
        return "csv"
    if named != "jsonl":
        raise InvalidRequest(f"format must be one of {', '.join(TYPES)}.", param="format")
    return "jsonl"


def _failed(error: ApiError) -> Told:
    return {"status": error.status, **error.body()}


def _too_many(number: int) -> Told:
    error = InvalidRequest(
        f"One import takes {MOST:,} lines; import this line and what follows by themselves.",
        code="too_many_lines",
    )
    return {"line": number} | _failed(error)
