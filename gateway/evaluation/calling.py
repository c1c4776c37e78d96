"""One call of a server's HTTP API: tried again while it is busy, told of where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from gateway.errors import LetheError

_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Waits before the next try, where the server says that it is busy or drops a connection."""
_LONGEST_PAUSE_S = 30.0
_BUSY = frozenset({429, 503})
_QUOTED = 300
_KEPT = "then run the same command again: finished replies are kept"


class EndpointFailed(LetheError):
    """A served model cannot be asked; the message says the way out.

    `status` is what it answered, None where it did not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


async def call(
    session: aiohttp.ClientSession, method: str, base: str, path: str, body: Any = None
) -> dict[str, Any]:
    """The object that a server answers a call with; raises `EndpointFailed`."""
    data = None if body is None else orjson.dumps(body)
    headers = {"Content-Type": "application/json"} if data else None
    for pause_s in (*_PAUSES_S, None):
        wanted_s = 0.0
        try:
            async with session.request(method, base + path, data=data, headers=headers) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise EndpointFailed(f"Nothing answers at {base}; start it, {_KEPT}.") from error
        except TimeoutError as error:
            raise EndpointFailed(
                f"{base} did not answer in time; look at its load, {_KEPT}."
            ) from error
        except aiohttp.ClientError as error:
            if pause_s is None:
                raise EndpointFailed(
                    f"{base} drops connections ({type(error).__name__}); look at its log, {_KEPT}."
                ) from error
        else:
            if response.status == 200:
                return _decoded(content, base)
            if response.status not in _BUSY or pause_s is None:
                raise _refused(response.status, content, base + path)
            wanted_s = _wanted_pause(response.headers)
        await asyncio.sleep(max(pause_s, wanted_s))
    raise AssertionError("the last try returns or raises")


def _wanted_pause(headers: Mapping[str, str]) -> float:
    """The seconds that a busy server asks to wait, within reason; 0 where it gives none."""
    wanted = headers.get("Retry-After", "")
    return min(float(wanted), _LONGEST_PAUSE_S) if wanted.isdecimal() else 0.0


def _decoded(content: bytes, base: str) -> dict[str, Any]:
    try:
        decoded = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise strange(base) from None
    if not isinstance(decoded, dict):
        raise strange(base)
    return decoded


def strange(base: str) -> EndpointFailed:
    """The error of an answer that is none of OpenAI's API."""
    return EndpointFailed(f"What answers at {base} does not speak OpenAI's API; check the URL.")


def _refused(status: int, content: bytes, url: str) -> EndpointFailed:
    if status in (401, 403):
        out = "give the key that it wants (--api-key or LETHE_API_KEY, --reference-api-key)"
    elif status == 404:
        out = "check the URL and --model"
    elif status in _BUSY:
        out = f"wait until it is less busy, {_KEPT}"
    elif status >= 500:
        out = f"look at its log, {_KEPT}"
    else:
        out = "check the options and the rows"
    said = _message(content)
    return EndpointFailed(f"{url} answered {status}{f' ({said})' if said else ''}; {out}.", status)


def _message(content: bytes) -> str:
    """What the server says is wrong, on one line; empty where it says nothing readable."""
    try:
        body = orjson.loads(content)
        error = body.get("error", body)
        message = error.get("message") or error.get("detail")
    except (orjson.JSONDecodeError, AttributeError):
        return ""
    return " ".join(message.split())[:_QUOTED].rstrip(".") if isinstance(message, str) else ""
