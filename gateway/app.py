"""The FastAPI application: routes and error shapes over the running parts."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway import __version__
from gateway.access import Access
from gateway.admin import admin_router
from gateway.audit.outcomes import TURNED_AWAY
from gateway.errors import (
    ApiError,
    InvalidRequest,
    RateLimited,
    RegistryUnavailable,
    Unauthenticated,
    frames,
)
from gateway.http import error_response, json_response
from gateway.intents import ForgetIntents
from gateway.openai.admission import Admission
from gateway.openai.pace import Pacing
from gateway.openai.routes import Deps, openai_router
from gateway.openai.surface import unknown_route
from gateway.openapi import openapi_router
from gateway.parts import Parts, problems_of
from gateway.registry.errors import RegistryError
from gateway.roles import CHAT, INSPECT, OPERATE
from gateway.sayable import Sayable
from gateway.telemetry import CONTENT_TYPE
from gateway.telemetry.edge import Edge, template
from gateway.telemetry.ids import current

log = logging.getLogger(__name__)


def create_app(parts: Parts) -> FastAPI:
    """The gateway as an ASGI application; `parts` are running and stay the caller's."""
    app = FastAPI(
        title="Lethe", version=__version__, docs_url=None, redoc_url=None, openapi_url=None
    )
    app.add_exception_handler(ApiError, partial(_api_error, parts))
    app.add_exception_handler(RegistryError, _registry_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(
        Edge,
        log_all=parts.settings.access_log == "all",
        log_admin=parts.settings.access_log != "off",
        tracing=parts.metrics.tracing,
    )
    paced = parts.settings.refusal_timing == "on"
    admission = Admission(
        parts.settings.max_in_flight,
        parts.settings.max_waiting,
        rejected=parts.metrics.rejected.inc,
    )
    metrics = parts.metrics
    metrics.tell(metrics.in_flight, lambda: admission.in_flight)
    metrics.tell(metrics.waiting, lambda: admission.waiting)
    deps = Deps(
        screen=parts.screen,
        pool=parts.pool,
        wording_key=parts.cipher.derive("wording"),
        salt_key=parts.cipher.derive("cache-salt"),
        count=parts.count,
        cached=parts.metrics.cached,
        current=parts.enforcer.current,
        layers=parts.settings.layers,
        max_body=parts.settings.max_body,
        admission=admission,
        steer=parts.interventions.for_ if parts.interventions.act else None,
        observe=parts.observe,
        forget=ForgetIntents(parts).reply if parts.settings.forget_intent == "on" else None,
        watch=parts.watch if "filter" in parts.settings.layers else None,
        encode=parts.encoder.encode,
        leaked=parts.metrics.leaked,
        judged=parts.metrics.judged,
        took=parts.metrics.took,
        acted=parts.monitor.judged,
        stopped=parts.monitor.stopped,
        finish_reason=parts.settings.leak_finish_reason,
        sayable=Sayable(parts.watch),
        pacing=Pacing(parts.metrics.delay.observe if paced else None),
        trace=parts.traces.pick,
        model_replies=parts.settings.model_replies == "on",
    )
    # Routes are tried in turn: what is asked for most comes first.
    app.include_router(openai_router(deps), dependencies=parts.access.dependencies(CHAT))
    app.include_router(admin_router(parts))
    app.include_router(_health_router(parts))
    app.include_router(openapi_router(app, parts.access))
    return app


def _health_router(parts: Parts) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> Response:
        """Whether the process answers at all."""
        return json_response({"status": "ok"})

    @router.get("/readyz")
    async def readyz(request: Request) -> Response:
        """Whether enforcement is assured and an engine can answer; to operators, what is missing.

        Anybody may ask: load balancers do. What is wrong names files, and is not for everybody.
        """
        problems = problems_of(parts.enforcer, parts.pool)
        body: dict[str, Any] = {"status": "not ready" if problems else "ready"}
        if _may_inspect(parts.access, request):
            body |= {
                "revision": parts.enforcer.rules.revision,
                "problems": problems,
                "warnings": parts.warnings,
            }
        return json_response(body, 503 if problems else 200)

    @router.get("/metrics", dependencies=parts.access.dependencies(OPERATE))
    async def metrics() -> Response:
        """Metrics in Prometheus' text format."""
        return Response(parts.metrics.text(), media_type=CONTENT_TYPE)

    return router


def _may_inspect(access: Access, request: Request) -> bool:
    try:
        return bool(INSPECT & access.identify(request).roles)
    except (RateLimited, Unauthenticated):
        return False


async def _api_error(parts: Parts, request: Request, error: Exception) -> Response:
    for kind, outcome in TURNED_AWAY.items():
        if isinstance(error, kind):
            parts.outcomes.add(outcome)
    assert isinstance(error, ApiError)  # noqa: S101  # what the handler is registered for
    return error_response(error)


async def _registry_error(request: Request, error: Exception) -> Response:
    # The registry's contents cannot be trusted: enforcement goes on, changes have to wait.
    return error_response(RegistryUnavailable(str(error), code="registry_untrusted"))


async def _invalid(request: Request, error: Exception) -> Response:
    return error_response(InvalidRequest("The request is not valid."))


async def _http_error(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    if status in (404, 405):
        answer: ApiError = unknown_route(request.method, request.url.path)
    else:
        answer = InvalidRequest(str(getattr(error, "detail", "The request is not valid.")))
    return error_response(answer)


async def _unexpected(request: Request, error: Exception) -> Response:
    # The route, not the path, which may hold a name; and not what the error says.
    log.error("%s on %s\n%s", type(error).__name__, template(request.scope), frames(error))
    response = error_response(ApiError("Something went wrong inside the gateway.", code="internal"))
    if (known := current.get()) is not None:
        response.headers["x-request-id"] = known.shown
    return response
