"""Ids, access lines and spans of requests; what answers while a gateway starts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.responses import Response

from gateway.openai.request_ids import request_ids
from gateway.starting import Starting
from gateway.telemetry import Metrics
from gateway.telemetry.edge import Edge
from gateway.telemetry.ids import RequestId
from gateway.telemetry.tracing import Tracing

NAME = "Mira Quell"
UUID = "0af76519-16cd-43dd-8448-eb211c80319c"
ABOVE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def application(**options: Any) -> FastAPI:
    app = FastAPI()
    app.add_middleware(Edge, **options)

    @app.get("/admin/things/{name}")
    @app.get("/v1/things/{name}")
    async def thing(request: Request, name: str) -> Response:
        if name == "broken":
            raise ValueError(NAME)
        return Response(" ".join(request_ids(request)))

    return app


async def get(app: Any, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.get(path, headers=named)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.name == "lethe.access"]


@pytest.mark.parametrize("known", [UUID, "0" * 32, "order-17", "a.b_c"])
async def test_a_harmless_id_of_the_client_comes_back_and_travels_with_a_suffix(known: str) -> None:
    answer = await get(application(), "/v1/things/x", x_request_id=known)
    shown, travels = answer.text.split()
    assert answer.headers["x-request-id"] == shown == known
    assert travels.startswith(f"{known}-")


@pytest.mark.parametrize("known", ["", NAME, "a" * 65, "x\x00", "a/b"])
async def test_any_other_is_replaced(known: str) -> None:
    answer = await get(application(), "/v1/things/x", x_request_id=known)
    shown, travels = answer.text.split()
    assert answer.headers["x-request-id"] == shown == travels
    assert len(shown) == 32


@given(st.text(max_size=80))
def test_only_what_a_machine_made_is_logged(text: str) -> None:
    known = RequestId.of(text)
    assert set(known.logged) <= set("0123456789abcdefABCDEF-")
    assert len(known.logged) >= 16
    assert known.shown in {known.logged, text}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, ["/admin/things/{name}", "/v1/things/{name}"]),
        ({"log_admin": False}, ["/v1/things/{name}"]),
        ({"log_all": True}, ["/admin/things/{name}", "/v1/things/{name}", "/v1/things/{name}"]),
    ],
)
async def test_access_lines_name_the_route_and_no_path(
    caplog: pytest.LogCaptureFixture, options: dict[str, bool], told: Sequence[str]
) -> None:
    caplog.set_level(logging.INFO)
    app = application(**options)
    for path in (f"/admin/things/{NAME}?{NAME}", f"/v1/things/{NAME}", "/v1/things/broken"):
        await get(app, path)
    assert [line.split()[1] for line in lines(caplog)] == told
    assert lines(caplog)[-1].startswith("GET /v1/things/{name} 500 ")
    assert NAME not in "".join(lines(caplog))


async def test_a_request_is_a_span_under_the_clients_with_its_stages_below() -> None:
    spans, tracing = traced()
    metrics = Metrics(tracing)
    app = application(tracing=tracing)

    @app.get("/v1/stages")
    async def stages() -> Response:
        metrics.took("screen", 0.25, action="refuse", revision=7)
        metrics.count("enforced")
        return Response(tracing.headers()["traceparent"])

    answer = await get(app, "/v1/stages", traceparent=ABOVE, tracestate=f"n={NAME}", baggage=NAME)
    screen, request = spans.get_finished_spans()
    assert (request.name, screen.name) == ("GET /v1/stages", "screen")
    assert request.parent is not None
    assert f"{request.parent.span_id:x}" == "b7ad6b7169203331"
    assert screen.parent is not None
    assert request.context is not None
    assert screen.parent.span_id == request.context.span_id
    assert answer.text == f"00-{request.context.trace_id:032x}-{request.context.span_id:016x}-01"
    assert attributes(request)["lethe.outcome"] == "enforced"
    assert attributes(screen) == {"lethe.action": "refuse", "lethe.revision": 7}
    assert screen.end_time is not None
    assert screen.start_time is not None
    assert screen.end_time - screen.start_time == 250_000_000
    assert NAME not in request.to_json()


async def test_what_an_error_says_is_in_no_span() -> None:
    spans, tracing = traced()
    await get(application(tracing=tracing), "/v1/things/broken")
    (request,) = spans.get_finished_spans()
    assert attributes(request)["http.response.status_code"] == 500
    assert NAME not in request.to_json()


def traced() -> tuple[InMemorySpanExporter, Tracing]:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return spans, Tracing(provider)


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_gateway_that_starts_is_alive_and_not_ready() -> None:
    starting = Starting()
    assert (await get(starting, "/healthz")).json() == {"status": "ok"}
    ready = await get(starting, "/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "starting")
    assert "loaded" in ready.json()["problems"][0]
    other = await get(starting, "/v1/chat/completions")
    assert other.status_code == 503
    assert other.json()["error"]["code"] == "not_ready"
    starting.app = application()
    assert (await get(starting, "/v1/things/x")).status_code == 200
