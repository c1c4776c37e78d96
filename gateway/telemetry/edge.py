"""The outermost layer of the application: ids, the access log, and the span of a request."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.telemetry.ids import RequestId, current

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing

log = logging.getLogger("lethe.access")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNTRACED = nullcontext()


class Edge:
    """Gives every request an id, which its answer carries as `x-request-id`.

    A line is logged for requests to `/admin`, for all of them with `log_all`, and for none with
    `log_admin` false; those that fail with 500 or more are told in any case. It names the
    route's template: a path or a query may hold a name. Whether somebody was refused is not
    logged, for the id would tell who.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        log_all: bool = False,
        log_admin: bool = True,
        tracing: Tracing | None = None,
    ) -> None:
        self._app = app
        self._log_all = log_all
        self._log_admin = log_admin
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        known = RequestId.of(_header(scope, b"x-request-id"))
        current.set(known)  # a request is a task of its own, so nobody has to set it back

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", ())
                if not any(name == b"x-request-id" for name, _ in headers):
                    message["headers"] = [*headers, (b"x-request-id", known.shown.encode())]
            await send(message)

        traced = self._tracing
        with _UNTRACED if traced is None else traced.request(_header(scope, b"traceparent")):
            try:
                await self._app(scope, receive, sending)
            finally:
                method, route = _method(scope), template(scope)
                if traced is not None:
                    traced.ended(method, route, status)
                self._tell(method, route, status, time.perf_counter() - began)

    def _tell(self, method: str, route: str, status: int, seconds: float) -> None:
        wanted = self._log_all or (self._log_admin and route.startswith("/admin"))
        if status < 500 and not wanted:
            return
        told = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1e3, 1),
        }
        level = logging.INFO if status < 500 else logging.WARNING
        log.log(level, "%s %s %d %s ms", *told.values(), extra=told)


def template(scope: Scope) -> str:
    """The path of the route that a request was given to, without what stands in for its parts."""
    route = scope.get("route")
    return str(getattr(route, "path", "none"))


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            return str(value.decode("latin-1"))
    return ""
