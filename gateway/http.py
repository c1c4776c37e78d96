"""Reading bodies and writing answers, the same way on every route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import ApiError, InvalidRequest, TooLarge

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body; raises `TooLarge` as soon as it is over the limit, in bytes."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def json_body(request: Request, limit: int) -> Any:
    """The body as JSON; raises `InvalidRequest` where it is none."""
    return parsed(await read_body(request, limit))


async def optional_body(request: Request, limit: int) -> Any:
    """The body as JSON, None where there is none; raises `InvalidRequest`."""
    body = await read_body(request, limit)
    return parsed(body) if body else None


def parsed(body: bytes) -> Any:
    """A body as JSON; raises `InvalidRequest` where it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            body.decode()
        except UnicodeDecodeError:
            raise InvalidRequest("The body is not valid UTF-8.", code="invalid_utf8") from None
        raise InvalidRequest(f"The body is not valid JSON: {error}.", code="invalid_json") from None


def validated(kind: type[M], body: Any) -> M:
    """A decoded body as what it should be; raises `InvalidRequest` that names the field."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError, whole: str = "body") -> InvalidRequest:
    """What is wrong with the first field; `whole` is named where it is none in particular."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "function-before") or whole
    message = first["msg"].removeprefix("Value error, ")
    return InvalidRequest(f"{field}: {message}.", param=field, code=first["type"])


def json_response(content: Any, status: int = 200) -> Response:
    """An answer in JSON; dataclasses and tuples are written as objects and arrays."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def error_response(error: ApiError) -> Response:
    """An error in OpenAI's shape."""
    response = json_response(error.body(), error.status)
    response.headers.update(error.headers)
    return response


def query_number(request: Request, name: str, default: float, *, low: float, high: float) -> float:
    """A number from the query string; raises `InvalidRequest` outside [low, high]."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise InvalidRequest(
            f"{name} must be a number from {_written(low)} to {_written(high)}.", param=name
        )
    return value


def known_query(request: Request, *names: str) -> None:
    """Raise `InvalidRequest` for a query parameter that is unknown, or given twice."""
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in names or name in seen:
            others = f"there are {', '.join(names)}" if names else "there are none here"
            raise InvalidRequest(f"{name} is unknown or given twice; {others}.", param=name)
        seen.add(name)


def query_switch(query: Mapping[str, str], name: str) -> bool:
    """true or false from the query string, false where it is left out."""
    text = query.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidRequest(f"{name} must be true or false.", param=name)
    return text in ("true", "1")


def _written(bound: float) -> str:
    return str(int(bound)) if float(bound).is_integer() else f"{bound:g}"


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is larger than {limit / 2**20:g} MiB, the limit that LETHE_MAX_BODY_MIB sets.",
        code="body_too_large",
    )
