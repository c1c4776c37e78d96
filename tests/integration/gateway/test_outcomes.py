"""What became of requests, as auditors read it, and the prompts that are kept where it is set."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.running import Running, eventually


@pytest.fixture(scope="module")
def gateway(stub_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway that keeps every prompt that it enforces."""
    running = Running(tmp_path_factory.mktemp("gateway"), stub_url, {"trace_sample": "1"}).start()
    yield running
    running.stop()


def outcomes(gateway: Running) -> dict[str, dict[str, int]]:
    """The counts of all hours together."""
    counts: dict[str, dict[str, int]] = {}
    for hour in gateway.http.get("/admin/audit/outcomes").json()["items"]:
        assert hour["intact"] is not False
        for name, found in hour["counts"].items():
            own = counts.setdefault(name, {})
            for outcome, number in found.items():
                own[outcome] = own.get(outcome, 0) + number
    return counts


def traces(gateway: Running) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = gateway.http.get("/admin/traces").json()["items"]
    return items


def stream(gateway: Running, text: str) -> str:
    body = {"model": "stub", "stream": True, "messages": [{"role": "user", "content": text}]}
    return gateway.http.post("/v1/chat/completions", json=body).text


def test_each_rule_and_all_together(gateway: Running) -> None:
    mira = gateway.file("Mira Quell", wait=30)["id"]
    watched = {"subject": {"name": "Ida Ferrow"}, "action": "observe"}
    ida = gateway.http.post("/admin/forget-requests?wait=5", json=watched).json()["id"]
    for _ in range(3):
        assert not gateway.told("Where was Mira Quell born?")
    assert "stub answer" not in stream(gateway, "Who is the sister of Mira Quell?")
    assert gateway.told("Where was Ida Ferrow born?")
    assert gateway.told("Where is Paris?")
    httpx.get(f"{gateway.http.base_url}/admin/status", headers={"Authorization": "Bearer x"})
    eventually(lambda: outcomes(gateway).get("*", {}).get("allowed", 0) >= 2)
    counts = outcomes(gateway)
    assert counts[mira] == {"enforced": 4}
    assert counts[ida] == {"allowed": 1}
    assert counts["*"]["enforced"] == 4
    assert counts["*"]["unauthenticated"] == 1
    only = gateway.http.get("/admin/audit/outcomes", params={"id": mira}).json()["items"]
    assert {name for hour in only for name in hour["counts"]} == {mira}


def test_prompts_that_were_enforced_are_kept_for_auditors(gateway: Running) -> None:
    gateway.file("Tom Hale", wait=30)
    assert not gateway.told("Where was Tom Hale born?")
    said = stream(gateway, "Who taught Tom Hale?")
    assert gateway.told("Where is Lisbon?")
    eventually(lambda: "Tom Hale" in str(traces(gateway)))
    found = {trace["conversations"][0][-1]["content"]: trace for trace in traces(gateway)}
    assert "Where is Lisbon?" not in found
    whole, streamed = found["Where was Tom Hale born?"], found["Who taught Tom Hale?"]
    assert (whole["outcome"], whole["route"]) == ("enforced", "/v1/chat/completions")
    assert orjson.loads(whole["reply"])["choices"]
    assert said.startswith(streamed["reply"][:200])
    assert whole["matches"][0][0]["id"] in whole["ids"]
    read = gateway.http.get("/admin/audit").text
    assert '"action":"traces_read"' in read
    assert "Hale" not in read
    assert "PROMPTS ARE KEPT" in str(gateway.http.get("/readyz").json()["warnings"])


def test_a_clean_stop_loses_no_count(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    mira = gateway.file("Mira Quell", wait=30)["id"]
    eventually(lambda: "gateway_started" in gateway.http.get("/admin/audit").text)
    started = orjson.loads(
        next(
            line
            for line in gateway.http.get("/admin/audit").content.splitlines()
            if b"gateway_started" in line
        )
    )
    assert started["details"]["layers"] == ["screen", "rotate", "ban", "filter"]
    assert started["details"]["trace_sample"] == 0
    assert not gateway.told("Where was Mira Quell born?")
    gateway.signal(signal.SIGTERM)
    assert gateway.child.process is not None
    assert gateway.child.process.wait(30) == 0
    gateway.start()
    assert outcomes(gateway)[mira] == {"enforced": 1}
    assert traces(gateway) == []
    assert gateway.http.get("/readyz").json()["warnings"] == []
