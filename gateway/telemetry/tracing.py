"""Traces by OpenTelemetry, sent by OTLP over HTTP in the background. Loaded only where wanted."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from yarl import URL

from gateway import __version__

log = logging.getLogger(__name__)

_EXPORT_S = 5
"""Seconds after which a collector that does not answer is given up, with what it was sent."""
_STOP_S = 5.0


class Tracing:
    """Makes the spans of one gateway.

    Attributes are counts, revisions and words of closed sets; an error is never recorded, for its
    message may quote a text. What clients send beside `traceparent` (state, baggage) is ignored.
    """

    def __init__(self, provider: trace.TracerProvider) -> None:
        self._tracer = provider.get_tracer("lethe", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, traceparent: str) -> Iterator[None]:
        """The span of one request, under the client's own where it names one."""
        above = self._propagator.extract({"traceparent": traceparent} if traceparent else {})
        with self._tracer.start_as_current_span(
            "request",
            context=above,
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ):
            yield

    def ended(self, method: str, route: str, status: int) -> None:
        """Say of the request's span what it was."""
        span = trace.get_current_span()
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
        )

    def note(self, **about: str | int | float) -> None:
        """Say something of the span that is open."""
        trace.get_current_span().set_attributes(_named(about))

    def took(self, stage: str, seconds: float, about: Mapping[str, str | int | float]) -> None:
        """A span for a stage that has just ended, as long as it took."""
        now = time.time_ns()
        begun = now - int(seconds * 1e9)
        self._tracer.start_span(stage, start_time=begun, attributes=_named(about)).end(now)

    def headers(self) -> Mapping[str, str]:
        """What an engine is sent, so that its own spans stand under the request's."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier


@asynccontextmanager
async def open_tracing(endpoint: str, instance: str) -> AsyncIterator[Tracing]:
    """Send spans to a collector until the end; one that cannot be reached costs spans only.

    `endpoint` is its base URL, or that of its traces; `instance` names this gateway.
    """
    url = URL(endpoint)
    if url.path == "/":
        url = url.with_path("/v1/traces")
    about = {
        "service.name": "lethe-gateway",
        "service.version": __version__,
        "service.instance.id": instance,
    }
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(endpoint=str(url), timeout=_EXPORT_S))
    )
    try:
        yield Tracing(provider)
    finally:
        # A thread that nobody waits for: it tries again and again, longer than a process may stop.
        last = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        last.start()
        await asyncio.to_thread(last.join, _STOP_S)
        if last.is_alive():
            log.warning("The last spans could not be sent in time.")


def _named(about: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    return {f"lethe.{name}": value for name, value in about.items()}
