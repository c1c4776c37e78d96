"""Gateways as replicas of each other, and what is told about the store that they share."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import redis

from tests.integration.gateway.conftest import StartGateway
from tests.running import KEY, Running, eventually

BRISK = {"redis_timeout_s": "0.3", "lease_s": "1.6"}


def replicas(gateway: Running) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = gateway.http.get("/admin/status").json()["gateways"]
    return listed


def test_one_port_on_two_addresses_is_two_replicas_also_after_a_kill(
    start_gateway: StartGateway,
) -> None:
    first = start_gateway(**BRISK)
    second = Running(first.data, first.upstream, BRISK | {"host": "127.0.0.2"}, port=first.port)
    try:
        second.start(ready=False)
        eventually(lambda: len(replicas(first)) == 2)
        before = {gateway["id"] for gateway in replicas(first)}
        second.child.kill()
        filed = first.file("Mira Quell", wait=1)
        assert filed["status"] == "in_progress"
        second.start(ready=False)
        path = f"/admin/forget-requests/{filed['id']}"
        eventually(lambda: first.http.get(path).json()["status"] == "completed")
        assert {gateway["id"] for gateway in replicas(first)} == before
    finally:
        second.stop()


def test_only_a_silent_gateway_is_expired(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    unknown = gateway.http.delete("/admin/gateways/none")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "no_such_gateway")
    (own,) = replicas(gateway)
    live = gateway.http.delete(f"/admin/gateways/{own['id']}")
    assert (live.status_code, live.json()["error"]["code"]) == (409, "gateway_is_live")
    assert replicas(gateway)[0]["id"] == own["id"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"appendfsync": "everysec"}, ["Up to a second"]),
        ({"appendonly": "no", "save": "60 1"}, ["CAN BE LOST"]),
        ({}, []),  # what is allowed and not the case
    ],
)
def test_what_could_lose_filings_is_told_to_operators(
    start_gateway: StartGateway,
    redis_url: str,
    data_key: str,
    config: dict[str, str],
    told: list[str],
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for name, value in config.items():
            client.config_set(name, value)
    gateway = start_gateway(redis_url=redis_url, data_key=data_key, allow_volatile_redis="1")
    warnings = gateway.http.get("/readyz").json()["warnings"]
    assert len(warnings) == len(told)
    assert all(part in warning for part, warning in zip(told, warnings, strict=True))
    log = gateway.child.log.read_text()
    assert all(log.count(warning) == 1 for warning in warnings)
    assert "faiss" not in log


def test_without_a_layer_that_acts_matches_are_shown_and_allowed(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway(layers="filter")
    filed = gateway.file("Mira Quell")
    asked = {"text": "Where was Mira Quell born?"}
    seen = gateway.http.post("/admin/explain", json=asked).json()
    assert seen["action"] == "allow"
    assert [match["id"] for match in seen["matches"]] == [filed["id"]]
    assert gateway.told(asked["text"])


def test_what_only_an_engine_may_act_on_is_refused_while_none_can(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway(layers="rotate,ban,filter")
    gateway.file("Mira Quell")
    asked = {"text": "Where was Mira Quell born?"}
    assert gateway.http.post("/admin/explain", json=asked).json()["action"] == "refuse"
    assert not gateway.told(asked["text"])


def test_a_stranger_sees_the_status_alone(start_gateway: StartGateway, data_key: str) -> None:
    gateway = start_gateway(ready=False, redis_url="redis://127.0.0.1:1/0", data_key=data_key)
    url = f"{gateway.http.base_url}/readyz"
    answer = httpx.get(url)
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})
    known = httpx.get(url, headers={"Authorization": f"Bearer {KEY}"})
    assert known.json()["problems"]
