"""Writing forget requests into a file, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

from gateway.admin.views import state_view
from gateway.parts import Parts
from gateway.registry.filter import Filter
from gateway.registry.models import Record
from gateway.rows import Format, csv_head, csv_lines, json_line

_PAGE = 200


async def exported(parts: Parts, wanted: Filter, kind: Format) -> AsyncIterator[bytes]:
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
