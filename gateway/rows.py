"""Forget requests as rows of a file: JSON lines, or CSV for spreadsheets.

JSON lines hold everything that can be filed. CSV holds what fits a table: a cell with several
values holds one in each line. Beside the filing an export tells where the request stands.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import orjson

from gateway.errors import InvalidRequest

Format = Literal["jsonl", "csv"]
TYPES: Mapping[Format, str] = {"jsonl": "application/jsonl", "csv": "text/csv"}

_TEXTS = ("name", "description", "passage", "action", "regulation", "subject_request_id")
_LISTS = ("aliases", "questions", "facts", "forbidden", "retain")
_SWITCHES = ("whole_subject", "identity_verified", "open_book", "blind")
_STATE = ("id", "status", "provisional", "version", "revision", "received_time",
          "expected_completion_time", "completed_time")  # fmt: skip
_PARTS = {
    "subject": ("name", "aliases", "description"),
    "scope": ("questions", "passages", "facts", "forbidden", "whole_subject"),
}
COLUMNS = (*_TEXTS, *_LISTS, *_SWITCHES, *_STATE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What makes a spreadsheet compute a cell: an apostrophe before it keeps it a text, and is one."""
_SHOWN = 100
"""Characters of a column that is none, as an error shows it."""


def row_of(line: bytes, columns: Sequence[str] | None) -> tuple[Any, Any]:
    """The body of a filing from a line, and what it tells of where the request stands.

    With `columns` it is a line of CSV. None where nothing is told. Raises `InvalidRequest`.
    """
    if columns is not None:
        cells = _cells(line)
        if any(cells[len(columns) :]):
            raise InvalidRequest(
                "The line has more cells than there are columns; put a cell that holds a comma in "
                "double quotes.",
                code="invalid_csv",
            )
        named = dict(zip(columns, cells, strict=False))
        return _from_cells(named), _state(named)
    try:
        body = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The line is not valid JSON: {error}.", code="invalid_json") from None
    if not isinstance(body, dict):
        return body, None
    body.pop("origin", None)
    return body, body.pop("state", None)


def columns_of(line: bytes) -> tuple[str, ...]:
    """The columns of a CSV file from its first line; raises `InvalidRequest`."""
    found = tuple(cell.strip().lower() for cell in _cells(line.removeprefix(b"\xef\xbb\xbf")))
    for name in found:
        if name not in COLUMNS:
            hint = "; columns are separated by commas" if ";" in name or "\t" in name else ""
            raise InvalidRequest(
                f"The first line must name columns, and {name[:_SHOWN]!r} is none{hint}. There are "
                f"{', '.join(COLUMNS)}.",
                code="bad_columns",
            )
        if found.count(name) > 1:
            raise InvalidRequest(
                f"The first line names the column {name} twice; name each once.",
                param=name,
                code="bad_columns",
            )
    return found


def json_line(filing: Mapping[str, Any], state: Mapping[str, Any]) -> bytes:
    """A request as a line of JSON: what was filed, and under `state` where it stands."""
    return orjson.dumps({**filing, "state": state}) + b"\n"


def csv_lines(rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[bytes]:
    """Requests as lines of CSV, without the columns' names."""
    for filing, state in rows:
        yield _line(_cell(value) for value in _to_cells(filing, state))


def csv_head() -> bytes:
    """The first line of a CSV file."""
    return _line(COLUMNS)


def _cells(line: bytes) -> list[str]:
    # The library's own limit is less than a passage may have; `Lines` has bounded the line.
    csv.field_size_limit(max(csv.field_size_limit(), len(line)))
    try:
        (cells,) = csv.reader(io.StringIO(line.decode("utf-8"), newline=""), strict=True)
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise InvalidRequest("The line is not valid CSV in UTF-8.", code="invalid_csv") from error
    return [cell[1:] if cell.startswith("'") and cell[1:2] in _FORMULA else cell for cell in cells]


def _from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    texts = {name: cells[name].strip() for name in _TEXTS if cells.get(name, "").strip()}
    lists = {name: found for name in _LISTS if (found := _values(cells.get(name, "")))}
    switches = {name: _switch(name, cells[name]) for name in _SWITCHES if cells.get(name)}
    told: dict[str, Any] = {**texts, **lists, **switches}
    if "passage" in told:
        told["passages"] = [told.pop("passage")]
    if "facts" in told:
        told["facts"] = _facts(told["facts"])
    for part, names in _PARTS.items():
        told[part] = {name: told.pop(name) for name in names if name in told}
    return told


def _state(cells: Mapping[str, str]) -> dict[str, Any]:
    """What says where a request stands, of the columns that only an export fills."""
    told: dict[str, Any] = {
        name: text for name in ("id", "status") if (text := cells.get(name, "").strip())
    }
    if cells.get("provisional"):
        told["provisional"] = _switch("provisional", cells["provisional"])
    return told


def _values(cell: str) -> list[str]:
    return [value.strip() for value in cell.splitlines() if value.strip()]


def _facts(values: Iterable[str]) -> list[dict[str, Any]]:
    """Facts from `statement=value`; several values of one statement stand in as many lines."""
    found: dict[str, list[str]] = {}
    for text in values:
        statement, separator, value = text.rpartition("=")
        statement, value = (statement, value) if separator else (text, "")
        found.setdefault(statement.strip(), []).extend([value.strip()] if value.strip() else [])
    return [{"statement": statement, "values": values} for statement, values in found.items()]


def _switch(name: str, cell: str) -> bool:
    text = cell.strip().lower()
    if text not in ("true", "false", "1", "0", "yes", "no"):
        raise InvalidRequest(f"{name} must be true or false.", param=name)
    return text in ("true", "1", "yes")


def _to_cells(filing: Mapping[str, Any], state: Mapping[str, Any]) -> Iterator[Any]:
    subject, scope = filing.get("subject", {}), filing.get("scope", {})
    facts = [
        f"{fact['statement']}={value}" if value else fact["statement"]
        for fact in scope.get("facts", ())
        for value in fact.get("values") or ("",)
    ]
    told: dict[str, Any] = {
        **filing,
        **subject,
        **scope,
        **state,
        "passage": "\n\n".join(scope.get("passages", ())),
        "facts": facts,
        "questions": [question["question"] for question in scope.get("questions", ())],
        "retain": [question["question"] for question in filing.get("retain", ())],
    }
    return (told.get(name) for name in COLUMNS)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = "\n".join(value) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str]) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held, lineterminator="\n").writerow(cells)
    return held.getvalue().encode()
