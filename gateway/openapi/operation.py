"""One row: what a route takes and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
EVENTS = "text/event-stream"

Kind = Any
"""What pydantic makes a schema of, such as a model, or a mapping that is a JSON schema itself."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query string; `schema` is a JSON schema."""

    name: str
    schema: Mapping[str, Any]
    what: str


@dataclass(frozen=True, slots=True)
class Media:
    """An answer or a body that is not JSON alone: what it is, by content type."""

    types: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route takes and answers.

    `answers` are kinds, or `Media`, by status, None: no body. `errors` are the statuses that are
    the route's own; those of authentication, limits and bodies are added where they can come. A
    body may be left out where it is `optional`; `headers` tells what request headers say.
    """

    answers: Mapping[int, Kind]
    body: Kind = None
    optional: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    query: tuple[Query, ...] = ()
    errors: frozenset[int] = field(default_factory=frozenset)
