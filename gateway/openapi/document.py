"""Builds the document from the application's routes and the tables, and answers it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from pydantic import TypeAdapter
from starlette.responses import Response

from gateway.access import Access
from gateway.matrix import Permission, matrix
from gateway.openapi.admin import ADMIN
from gateway.openapi.answers import Error
from gateway.openapi.operation import JSON, Kind, Media, Operation
from gateway.openapi.requests import REQUESTS
from gateway.openapi.v1 import V1
from gateway.openapi.webhooks import WEBHOOKS
from gateway.roles import ROLES

ROWS: Mapping[str, Operation] = {**V1, **REQUESTS, **ADMIN, **WEBHOOKS}

_REF = "#/components/schemas/{model}"
_AUTHENTICATED = frozenset({401, 403, 429})
_READ = frozenset({400, 413})
_ASKED = frozenset({400})
_AFTER = {"Retry-After": {"description": "Seconds until it may do.", "schema": {"type": "integer"}}}


def openapi_router(app: FastAPI, access: Access) -> APIRouter:
    """The route that answers the document of an application to whoever has a key."""
    router = APIRouter()
    written = cache(lambda: orjson.dumps(document(app)))

    @router.get("/openapi.json", dependencies=access.dependencies(frozenset(ROLES)))
    async def openapi() -> Response:
        """This document."""
        return Response(await asyncio.to_thread(written), media_type=JSON)

    return router


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application; routes without a row in `ROWS` are left out."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for found in matrix(app):
        row = ROWS.get(found.name)
        if row is not None:
            operation = _operation(found, row, schemas)
            paths.setdefault(found.path_format, {})[found.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": app.title, "version": app.version},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Schemas:
    """JSON schemas of kinds; what they have in common becomes `components`."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any) -> Any:
        if isinstance(kind, Mapping):
            return kind
        name = kind.__name__ if isinstance(kind, type) else None
        if name not in self.components:
            schema = TypeAdapter(kind).json_schema(ref_template=_REF)
            self.components |= schema.pop("$defs", {})
            if name is None:
                return schema
            self.components[name] = schema
        return {"$ref": _REF.format(model=name)}


def _operation(found: Permission, row: Operation, schemas: _Schemas) -> dict[str, Any]:
    summary, _, more = found.what.partition("\n\n")
    known: dict[str, Any] = {
        "summary": " ".join(summary.split()),
        "operationId": re.sub(r"\W+", "_", found.name).strip("_").lower(),
        "tags": [found.path.split("/")[1] if found.path.count("/") > 1 else "service"],
        "parameters": [*_parameters(found, row)],
        "responses": {str(status): each for status, each in _responses(found, row, schemas)},
        "security": [] if found.roles is None else [{"key": []}],
    }
    if more:
        known["description"] = " ".join(more.split())
    if found.roles is not None:
        known["x-roles"] = sorted(found.roles)
    if row.body is not None:
        known["requestBody"] = {
            "required": not row.optional,
            "content": _content(row.body, schemas),
        }
    return known


def _content(kind: Kind, schemas: _Schemas) -> dict[str, Any]:
    types = kind.types if isinstance(kind, Media) else {JSON: kind}
    return {name: {"schema": schemas.of(each)} for name, each in types.items()}


def _parameters(found: Permission, row: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)", found.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    for query in row.query:
        schema = dict(query.schema)
        yield {"name": query.name, "in": "query", "schema": schema, "description": query.what}
    for name, what in row.headers.items():
        yield {"name": name, "in": "header", "schema": {"type": "string"}, "description": what}


def _responses(
    found: Permission, row: Operation, schemas: _Schemas
) -> Iterator[tuple[int, dict[str, Any]]]:
    for status, kind in row.answers.items():
        answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
        if kind is not None:
            answer["content"] = _content(kind, schemas)
        yield status, answer
    errors = row.errors
    if found.roles is not None:
        errors |= _AUTHENTICATED
    if row.body is not None:
        errors |= _READ
    if row.query or row.headers:
        errors |= _ASKED
    for status in sorted(errors - row.answers.keys()):
        content = {JSON: {"schema": schemas.of(Error)}}
        answer = {"description": HTTPStatus(status).phrase, "content": content}
        yield status, answer | ({"headers": _AFTER} if status == 429 else {})
