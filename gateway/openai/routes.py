"""The routes under `/v1`: an allow-list, everything else is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from gateway.caller import models_of
from gateway.errors import NotFound
from gateway.http import error_response, json_response
from gateway.openai.admission import InTurn
from gateway.openai.completions import Completions
from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.responses import respond
from gateway.openai.surface import SERVED, unknown_route

__all__ = ["Deps", "openai_router"]

_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class PlainRoute(APIRoute):
    """A route whose endpoint and dependencies take the request and nothing else.

    FastAPI works out for every single request what else they might take, which costs as much as
    all that is checked in a chat.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request: every dependency passes it, then the endpoint."""
        endpoint: Callable[[Request], Awaitable[Response]] = self.endpoint
        checks = [depends.dependency for depends in self.dependencies if depends.dependency]

        async def handle(request: Request) -> Response:
            for check in checks:
                await check(request)
            return await endpoint(request)

        return handle


def openai_router(deps: Deps) -> APIRouter:
    """The routes under `/v1`; who may call them is decided by whoever includes the router."""
    router = APIRouter(prefix="/v1", tags=["openai"], route_class=PlainRoute)
    completions = Completions(deps)

    def cards(request: Request) -> list[dict[str, Any]]:
        allowed = models_of(request)
        served = deps.pool.models()
        return served if allowed is None else [card for card in served if card["id"] in allowed]

    async def models(request: Request) -> Response:
        """The models that can be asked for."""
        return json_response({"object": "list", "data": cards(request)})

    async def model(request: Request) -> Response:
        """One model; its id may contain slashes."""
        for card in cards(request):
            if card["id"] == request.path_params["model"]:
                return json_response(card)
        return error_response(
            NotFound("This model does not exist.", param="model", code="model_not_found")
        )

    async def chat(request: Request) -> Response:
        """A chat completion, streamed or not."""
        return InTurn(deps.admission, lambda: completions.answer(Route.CHAT, request))

    async def completion(request: Request) -> Response:
        """A text completion, streamed or not."""
        return InTurn(deps.admission, lambda: completions.answer(Route.COMPLETIONS, request))

    async def response(request: Request) -> Response:
        """A response, streamed or not; none is stored."""
        return InTurn(deps.admission, lambda: respond(completions, request))

    answers: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "models": models,
        "models/{model:path}": model,
        "chat/completions": chat,
        "completions": completion,
        "responses": response,
    }
    for served in SERVED:
        router.add_api_route(f"/{served.path}", answers[served.path], methods=[served.method])

    @router.api_route("", methods=list(_ANY), include_in_schema=False)
    @router.api_route("/{path:path}", methods=list(_ANY), include_in_schema=False)
    async def unknown(request: Request) -> Response:
        """Everything else is refused: the engine has routes that nothing here enforces."""
        return error_response(unknown_route(request.method, request.url.path))

    return router
