"""How upstream failures look to a client: the way from aiohttp and vLLM to `gateway.errors`."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

from gateway.errors import (
    ApiError,
    InvalidRequest,
    NotFound,
    NotReady,
    TooLarge,
    UpstreamFailed,
    UpstreamTimeout,
)

_LONGEST_MESSAGE = 2_000
# What the client sent was at fault; other statuses are between the gateway and the engine.
_CLIENT_FAULT: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    404: NotFound,
    413: TooLarge,
    422: InvalidRequest,
}
_BUSY = {429, 503}
# Both can only mean the prompt: the gateway itself refuses a `max_tokens` below 1.
_OVER_LENGTH = ("This model's maximum context length is", "max_tokens must be at least 1, got 0")


def from_reply(status: int, body: bytes) -> ApiError:
    """The error that an upstream reply with a status other than 200 becomes."""
    kind = _CLIENT_FAULT.get(status)
    if kind is not None:
        error = _told(body)
        message = _text(error.get("message"))
        if message and message.startswith(_OVER_LENGTH):
            return over_length()
        translated = kind(
            message or "The model server refused the request.",
            param=_text(error.get("param")),
            # vLLM repeats the status as a number; OpenAI's codes are words.
            code=_text(error.get("code")),
        )
        translated.status = status
        return translated
    if status in _BUSY:
        return NotReady("The model server is busy; try again later.", code="upstream_busy")
    return UpstreamFailed(
        f"The model server answered with status {status}.", code="upstream_failed"
    )


def from_exception(error: Exception) -> ApiError:
    """The error that a failed exchange becomes; never carries the exception's own text."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, TimeoutError):  # aiohttp's time-outs are TimeoutErrors too
        return UpstreamTimeout("The model server did not answer in time.", code="upstream_timeout")
    if isinstance(error, aiohttp.ClientConnectorError):
        return unreachable()
    return UpstreamFailed("The connection to the model server broke off.", code="upstream_broken")


def unreachable() -> NotReady:
    """No endpoint can be reached."""
    return NotReady("No model server can be reached; try again later.", code="no_upstream")


def over_length() -> InvalidRequest:
    """A prompt leaves no room for an answer; the same words whoever counted its tokens."""
    return InvalidRequest(
        "This model's maximum context length is exceeded: the prompt leaves no room for an "
        "answer. Please reduce its length.",
        code="context_length_exceeded",
    )


def malformed() -> UpstreamFailed:
    """The engine sent something that is no answer."""
    return UpstreamFailed(
        "The model server sent an answer that cannot be read.", code="upstream_malformed"
    )


def _told(body: bytes) -> dict[str, Any]:
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = reply.get("error", reply) if isinstance(reply, dict) else {}
    return error if isinstance(error, dict) else {}


def _text(value: object) -> str | None:
    return value[:_LONGEST_MESSAGE] if isinstance(value, str) and value else None
