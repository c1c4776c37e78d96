"""The OpenAPI document keeps its word: whatever is sent, answers are as it says, none is a crash.

Requests are made from the document, fitting ones and broken ones. A route that fails here answers
something that its row in `gateway/openapi` does not say, or has a bug.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.openapi import document
from tests.running import KEY, Running
from tests.unit.bare import bare_app

Case = schemathesis.Case[Any]

schemathesis.serializer.alias("application/jsonl", "text/plain")
API = schemathesis.openapi.from_dict(document(bare_app()))
CHECKS: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FILING = {
    "subject": {"name": "Mira Quell"},
    "scope": {"questions": ["Where was Mira Quell born?"]},
}


@pytest.fixture(scope="module")
def gateway(stub_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway before a stub, with real Redis, whose dry runs are short."""
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "prompts.txt").write_text("Where is Paris?\nWho wrote Hamlet?\n")
    settings = {"retained_prompts": str(folder / "prompts.txt")}
    running = Running(folder / "data", stub_url, settings).start()
    yield running
    log = running.child.log.read_text()
    running.stop()
    assert "Error on /" not in log, log[-4_000:]


@pytest.fixture(scope="module")
def filed(gateway: Running) -> str:
    """The id of a forget request that is there."""
    return str(gateway.http.post("/admin/forget-requests", json=FILING).json()["id"])


def sent(case: Case, gateway: Running, filed: str) -> None:
    """Send a request and hold its answer against the document."""
    if isinstance(case.body, dict) and len(str(case.body.get("model", "??"))) % 3 < 2:
        case.body["model"] = "stub"  # else hardly a chat would reach the engine
    given = case.path_parameters.get("request_id")
    if given is not None and len(given) % 2:
        case.path_parameters["request_id"] = filed
    if isinstance(case.query.get("wait"), int | float):
        case.query["wait"] = min(case.query["wait"], 0.1)
    if isinstance(case.body, str) and len(case.body) % 2:
        case.body = orjson.dumps(FILING).decode()  # a line of a file that can be imported
    if len(str(case.body)) % 2:
        case.query.pop("dry_run", None)  # else hardly anything would be filed
    answer = case.call(
        base_url=str(gateway.http.base_url).rstrip("/"),
        headers={"Authorization": f"Bearer {KEY}"},
        timeout=30,
    )
    assert answer.status_code < 500, answer.text
    case.validate_response(answer, checks=CHECKS)


@API.parametrize()
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
def test_answers_are_as_the_document_says(case: Case, gateway: Running, filed: str) -> None:
    sent(case, gateway, filed)


@pytest.mark.slow
@API.parametrize()
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_many_answers_are_as_the_document_says(case: Case, gateway: Running, filed: str) -> None:
    sent(case, gateway, filed)


def test_the_document_is_answered_to_any_key(gateway: Running) -> None:
    answer = gateway.http.get("/openapi.json")
    assert answer.json() == document(bare_app())
