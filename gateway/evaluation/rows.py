"""What `lethe eval` and `lethe calibrate` read: JSON lines of requests, probes and negatives.

Every error names the file and the line, and quotes nothing of it: it may name a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from gateway.errors import InvalidRequest, LetheError
from gateway.openai.conversation import conversation_of
from gateway.registry.filing import Filing
from guards import Conversation

T = TypeVar("T")
Row = Mapping[str, Any]

_SUBJECT = ("name", "aliases", "description")
_SCOPE = ("questions", "passages", "facts", "forbidden", "whole_subject")
_FILING = ("retain", "action")


class BadRow(LetheError):
    """A row cannot be used; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A prompt, and which request it should touch: an id, "*" for any, None for none."""

    conversation: Conversation = field(repr=False)
    expect: str | None
    answer: str | None = field(repr=False)
    group: str


@dataclass(frozen=True, slots=True)
class Negative:
    """A prompt that touches no request; `group` names its subject, where that is known."""

    text: str = field(repr=False)
    group: str | None


def read_requests(path: Path) -> dict[str, Filing]:
    """Forget requests by id, in the order of the file; raises `BadRow`.

    A row is flat (`id`, `name`, `questions`, …) or as the gateway answers (`id`, `subject`,
    `scope`, …).
    """
    found: dict[str, Filing] = {}

    def add(row: Row) -> None:
        request_id = row.get("id")
        if not isinstance(request_id, str) or not request_id:
            raise ValueError("id must be a string that is not empty")
        if request_id in found:
            raise ValueError("its id stands in an earlier line too")
        found[request_id] = filing_of(row)

    for _ in read_lines(path, add):
        pass
    return found


def filing_of(row: Row) -> Filing:
    """The filing of a row of either shape, fields beside it left out; raises `ValueError`."""
    body = {name: row[name] for name in _FILING if name in row}
    if "subject" in row or "scope" in row:
        body |= {name: row[name] for name in ("subject", "scope") if name in row}
    else:
        for part, names in (("subject", _SUBJECT), ("scope", _SCOPE)):
            body[part] = {name: row[name] for name in names if row.get(name) is not None}
    return Filing.model_validate(body)


def read_probes(path: Path) -> list[Probe]:
    """The probes of a file, in order; raises `BadRow`."""
    return list(read_lines(path, _probe))


def read_negatives(path: Path) -> list[Negative]:
    """The negatives of a file, in order; raises `BadRow`."""
    return list(read_lines(path, _negative))


def _probe(row: Row) -> Probe:
    expect, answer, group = row.get("expect"), row.get("answer"), row.get("group", "all")
    for name, value in (("expect", expect), ("answer", answer)):
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{name} must be a string or null")
    if not isinstance(group, str):
        raise ValueError("group must be a string")
    if "messages" in row:
        return Probe(conversation_of({"messages": row["messages"]}), expect, answer, group)
    return Probe(Conversation.of(_text(row)), expect, answer, group)


def _negative(row: Row) -> Negative:
    group = row.get("group")
    if group is not None and not isinstance(group, str):
        raise ValueError("group must be a string or null")
    return Negative(_text(row), group)


def _text(row: Row) -> str:
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("text must be a string that is not empty")
    return text


def read_lines(path: Path, of_row: Callable[[Row], T]) -> Iterator[T]:
    """What `of_row` makes of each line, in order; its `ValueError` becomes `BadRow`."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _parsed(line, of_row, f"{path}, line {number}")
    except OSError as error:
        raise BadRow(f"{path} cannot be read ({error.strerror}); name a file of JSON lines.") from (
            error
        )


def _parsed(line: bytes, of_row: Callable[[Row], T], where: str) -> T:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadRow(f"{where}: it is no JSON ({error}); write one object a line.") from error
    if not isinstance(row, dict):
        raise BadRow(f"{where}: it is no JSON object; write one object a line.")
    try:
        return of_row(row)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field_name = ".".join(str(part) for part in first["loc"] if part != "function-before")
        what = first["msg"].removeprefix("Value error, ")
        raise BadRow(f"{where}: {field_name + ': ' if field_name else ''}{what}.") from error
    except InvalidRequest as error:
        raise BadRow(f"{where}: {error}") from error
    except ValueError as error:
        raise BadRow(f"{where}: {error}.") from error
