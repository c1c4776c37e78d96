"""The plug-in's HTTP routes in vLLM's API server: entry point group `vllm.endpoint_plugins`.

They lie under `/v1/`, where vLLM's `--api-key` protects them. Errors have OpenAI's shape.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from steering.errors import Behind, SteeringError
from steering.vllm.server import Server

PREFIX = "/v1/lethe"

_log = logging.getLogger(__name__)

Answer = Callable[[Server, Request], Awaitable[dict[str, Any]]]


class Routes:
    """vLLM's contract for endpoint plug-ins."""

    name = "lethe"
    required_tasks = ("generate",)

    def __init__(self) -> None:
        self._server: Server | None = None

    def attach_router(self, app: FastAPI) -> None:
        """Add the routes; called once, before `init_state`."""
        routes: tuple[tuple[str, str, Answer], ...] = (
            ("GET", "/status", _status),
            ("GET", "/rules", _rules),
            ("POST", "/rules", _push),
            ("POST", "/capture", _capture),
        )
        for method, path, answer in routes:
            app.add_api_route(
                PREFIX + path, self._answering(answer), methods=[method], include_in_schema=False
            )

    async def init_state(self, engine_client: Any, state: Any, args: Any) -> None:
        """Meet the engine, and begin the self-test."""
        names = args.served_model_name or [args.model]
        name = names[0] if isinstance(names, list) else names
        self._server = await Server.of(engine_client, name)
        self._server.begin_self_test()

    def _answering(self, answer: Answer) -> Callable[[Request], Awaitable[JSONResponse]]:
        async def route(request: Request) -> JSONResponse:
            server = self._server
            if server is None:
                return _error(503, "the engine is starting.", "not_ready_error")
            try:
                return JSONResponse(await answer(server, request))
            except Behind as error:
                return _error(409, str(error), engine=await server.status())
            except SteeringError as error:
                return _error(400, str(error))
            except Exception as error:  # whose message may quote a text about somebody
                _log.error("%s failed: %s", request.url.path, type(error).__name__)
                return _error(500, "the engine could not do this.", "server_error")

        return route


async def _status(server: Server, _: Request) -> dict[str, Any]:
    return await server.status()


async def _rules(server: Server, request: Request) -> dict[str, Any]:
    return server.rules(request.query_params.get("after", ""))


async def _push(server: Server, request: Request) -> dict[str, Any]:
    return await server.push(await request.body())


async def _capture(server: Server, request: Request) -> dict[str, Any]:
    return await server.capture(await request.body())


def _error(
    status: int, message: str, kind: str = "invalid_request_error", **more: Any
) -> JSONResponse:
    error = {"message": message, "type": kind, "param": None, "code": None}
    return JSONResponse({"error": error, **more}, status)
