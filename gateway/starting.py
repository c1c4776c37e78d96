"""What answers while a gateway starts: it is alive, and not ready."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.errors import NotReady
from gateway.http import error_response, json_response

_WHY = "This gateway is starting: the forget requests are being loaded."


class Starting:
    """An ASGI application that stands in for `app` until that is there."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on to the application."""
        if self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(scope["path"])(scope, receive, send)


def _answer(path: str) -> Response:
    if path == "/healthz":
        return json_response({"status": "ok"})
    if path == "/readyz":
        return json_response({"status": "starting", "problems": [_WHY]}, 503)
    return error_response(NotReady(f"{_WHY} Try again in some seconds.", code="not_ready"))
