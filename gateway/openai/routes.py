"""The routes under `/v1`: an allow-list, everything else is refused."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.errors import NotFound
from gateway.http import error_response, json_response
from gateway.openai.completions import Completions
from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.responses import respond

__all__ = ["Deps", "openai_router"]

_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def openai_router(deps: Deps) -> APIRouter:
    """The routes under `/v1`; who may call them is decided by whoever includes the router."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    completions = Completions(deps)

    @router.get("/models")
    async def models() -> Response:
        """The models that can be asked for."""
        return json_response({"object": "list", "data": deps.pool.models()})

    @router.get("/models/{model:path}")
    async def model(model: str) -> Response:
        """One model; its id may contain slashes."""
        for card in deps.pool.models():
            if card["id"] == model:
                return json_response(card)
        return error_response(
            NotFound("This model does not exist.", param="model", code="model_not_found")
        )

    @router.post("/chat/completions")
    async def chat(request: Request) -> Response:
        """A chat completion, streamed or not."""
        return await completions.answer(Route.CHAT, request)

    @router.post("/completions")
    async def completion(request: Request) -> Response:
        """A text completion, streamed or not."""
        return await completions.answer(Route.COMPLETIONS, request)

    @router.post("/responses")
    async def response(request: Request) -> Response:
        """A response, streamed or not; none is stored."""
        return await respond(completions, request)

    @router.api_route("", methods=list(_ANY), include_in_schema=False)
    @router.api_route("/{path:path}", methods=list(_ANY), include_in_schema=False)
    async def unknown(request: Request) -> Response:
        """Everything else is refused: the engine has routes that nothing here enforces."""
        return error_response(
            NotFound(
                f"There is no route {request.method} {request.url.path[:200]} here.",
                code="unknown_route",
            )
        )

    return router
