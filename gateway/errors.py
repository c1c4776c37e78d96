"""Errors of the gateway, in OpenAI's shape when they reach a client.

LetheError
 ├── SettingsError        the process cannot start; one sentence with the way out, exit code 1
 └── ApiError             becomes {"error": {"message", "type", "param", "code"}} with a status
      ├── InvalidRequest       400  a field is missing, wrong or not allowed
      ├── Unauthenticated      401  no key, or one that nobody issued
      ├── Forbidden            403  a key without the role that the route needs
      ├── NotFound             404  no such route, model or forget request
      ├── Conflict             409  the same subject_request_id with another body, a settled request
      ├── TooLarge             413  the body is over the limit
      ├── Busy                 429  more requests at once than may be
      ├── RateLimited          429  more requests a minute, or wrong keys, than may be
      ├── TooManyPending       429  as many forget requests wait for approval as may
      ├── UpstreamFailed       502  the engine answered with something unusable
      ├── NotReady             503  enforcement is not assured, so nothing is served
      ├── RegistryUnavailable  503  Redis cannot be reached: filings wait, enforcement goes on
      └── UpstreamTimeout      504  the engine did not answer in time
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class LetheError(Exception):
    """Base of every error that Lethe raises on purpose."""


def frames(error: BaseException) -> str:
    """Where an error was raised, without its message, which may quote a text about somebody."""
    return "".join(traceback.format_tb(error.__traceback__))


class SettingsError(LetheError):
    """The process cannot start as it is configured; the message says the way out."""


class ApiError(LetheError):
    """An answer that is an error, in OpenAI's shape."""

    status = 500
    type = "server_error"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code

    def body(self) -> dict[str, Any]:
        """The error as OpenAI clients expect it."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


class InvalidRequest(ApiError):
    """A field is missing, wrong or not allowed."""

    status = 400
    type = "invalid_request_error"


class Unauthenticated(ApiError):
    """No API key, or one that nobody issued."""

    status = 401
    type = "authentication_error"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class Forbidden(ApiError):
    """The API key lacks the role that the route needs."""

    status = 403
    type = "permission_error"


class NotFound(ApiError):
    """No such route, model or forget request."""

    status = 404
    type = "invalid_request_error"


class Conflict(ApiError):
    """What is asked contradicts what the registry holds."""

    status = 409
    type = "invalid_request_error"


class TooLarge(ApiError):
    """The request body is over the limit."""

    status = 413
    type = "invalid_request_error"


class Busy(ApiError):
    """More requests at once than may be; the client should come back."""

    status = 429
    type = "rate_limit_error"
    headers = MappingProxyType({"Retry-After": "1"})


class RateLimited(ApiError):
    """More requests a minute than a key may make, or more wrong keys than an address may send."""

    status = 429
    type = "rate_limit_error"

    def __init__(self, message: str, retry_after_s: int, *, code: str) -> None:
        super().__init__(message, code=code)
        self.headers = {"Retry-After": str(retry_after_s)}


class TooManyPending(ApiError):
    """As many forget requests wait for approval as may; an officer has to decide first."""

    status = 429
    type = "rate_limit_error"


class UpstreamFailed(ApiError):
    """The engine answered with something unusable, or not at all."""

    status = 502
    type = "upstream_error"


class NotReady(ApiError):
    """Enforcement is not assured, so nothing is served."""

    status = 503
    type = "not_ready_error"


class RegistryUnavailable(ApiError):
    """Redis cannot be reached; enforcement goes on from the snapshot, filings must wait."""

    status = 503
    type = "registry_unavailable_error"


class UpstreamTimeout(ApiError):
    """The engine did not answer in time."""

    status = 504
    type = "upstream_error"
