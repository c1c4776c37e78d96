"""API keys over HTTP: issued once, limited, revoked everywhere at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.running import Running


def issued(gateway: Running, **order: Any) -> dict[str, Any]:
    """A key as `POST /admin/keys` answers it."""
    answer = gateway.http.post("/admin/keys", json={"roles": ["operator"], **order})
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


def bearer(key: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


def test_a_token_is_told_once(gateway: Running) -> None:
    key = issued(gateway, name="ops", expires="90d")
    assert gateway.http.get("/admin/status", headers=bearer(key)).status_code == 200
    listed = gateway.http.get("/admin/keys")
    (row,) = [row for row in listed.json()["items"] if row["id"] == key["id"]]
    assert row == {name: value for name, value in key.items() if name != "key"}
    assert key["key"] not in listed.text
    assert key["key"] not in gateway.child.log.read_text()


@pytest.mark.parametrize(
    ("order", "param"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles.0"),
        ({"roles": "operator"}, "roles"),
        ({}, "roles"),
        ({"roles": ["client"], "expires": "yesterday"}, "expires"),
        ({"roles": ["client"], "expires": "2020-01-01"}, "expires"),
        ({"roles": ["client"], "models": []}, "models"),
        ({"roles": ["client"], "requests_per_minute": 0}, "requests_per_minute"),
        ({"roles": ["client"], "colour": "red"}, "colour"),
        ([], None),
    ],
)
def test_a_wrong_order_names_the_field(gateway: Running, order: Any, param: str | None) -> None:
    answer = gateway.http.post("/admin/keys", json=order)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


def test_an_operator_gives_no_role_that_it_lacks(gateway: Running) -> None:
    key = issued(gateway)
    for roles, status in ((["operator"], 201), (["operator", "approver"], 403)):
        answer = gateway.http.post("/admin/keys", json={"roles": roles}, headers=bearer(key))
        assert answer.status_code == status, answer.text


def test_the_command_issues_what_it_is_told(gateway: Running) -> None:
    environment = {**os.environ, **gateway.child.environment}

    def lethe(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "gateway.cli", "keys", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, check=False)

    limits = ("--expires", "2d", "--model", "stub", "--requests-per-minute", "7")
    made = orjson.loads(lethe("create", "--role", "client", *limits).stdout)
    assert (made["models"], made["requests_per_minute"]) == (["stub"], 7)
    assert gateway.http.get("/v1/models", headers=bearer(made)).status_code == 200
    listed = [orjson.loads(line) for line in lethe("list").stdout.splitlines()]
    (row,) = [row for row in listed if row["id"] == made["id"]]
    assert row["expires_time"] == made["expires_time"] > made["created_time"]
    wrong = lethe("create", "--role", "client", "--expires", "soon")
    assert (wrong.returncode, wrong.stdout) == (1, b"")
    assert b"write days, such as 90d" in wrong.stderr


def test_nobody_revokes_what_was_not_issued(gateway: Running) -> None:
    assert gateway.http.delete("/admin/keys/key_nobody").status_code == 404


def test_a_key_is_held_to_its_rate(gateway: Running) -> None:
    key = issued(gateway, requests_per_minute=3)
    answers = [gateway.http.get("/admin/status", headers=bearer(key)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    error = answers[-1].json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 20


def test_a_key_reaches_its_models_only(gateway: Running) -> None:
    key = issued(gateway, roles=["client"], models=["another"])
    with httpx.Client(base_url=gateway.http.base_url, headers=bearer(key)) as client:
        assert client.get("/v1/models").json()["data"] == []
        assert client.get("/v1/models/stub").status_code == 404
        messages = [{"role": "user", "content": "Hello."}]
        for path, asked in (
            ("chat/completions", {"messages": messages}),
            ("completions", {"prompt": "Hello."}),
            ("responses", {"input": "Hello."}),
        ):
            for model in ("stub", "nowhere"):  # whether it exists is not told
                answer = client.post(f"/v1/{path}", json={"model": model, **asked})
                assert answer.status_code == 403, answer.text
                assert answer.json()["error"]["code"] == "model_not_allowed"
    free = issued(gateway, roles=["client"], models=["stub"])
    body = {"model": "stub", "messages": messages}
    answer = gateway.http.post("/v1/chat/completions", json=body, headers=bearer(free))
    assert answer.status_code == 200


def test_guessing_is_slowed_down_and_takes_nothing_from_others(start_gateway: StartGateway) -> None:
    gateway = start_gateway(wrong_keys_per_minute="5")
    key = issued(gateway)
    assert gateway.http.get("/admin/status", headers=bearer(key)).status_code == 200
    guesses = [
        gateway.http.get("/admin/status", headers={"Authorization": f"Bearer guess {n}"})
        for n in range(7)
    ]
    assert [guess.status_code for guess in guesses] == [401] * 5 + [429] * 2
    assert "retry-after" in guesses[-1].headers
    assert gateway.http.get("/admin/status", headers=bearer(key)).status_code == 200
    # Who asks at the door that is open to all is told apart from nobody.
    answer = gateway.http.get("/readyz", headers={"Authorization": "Bearer guess"})
    assert answer.json() == {"status": "ready"}


def test_only_a_trusted_proxy_tells_where_a_request_came_from(start_gateway: StartGateway) -> None:
    def guess(gateway: Running, client: str) -> int:
        headers = {"Authorization": "Bearer guess", "X-Forwarded-For": client}
        return gateway.http.get("/admin/status", headers=headers).status_code

    behind = start_gateway(wrong_keys_per_minute="1", trusted_proxies="127.0.0.0/8")
    assert [guess(behind, client) for client in ("10.0.0.1", "10.0.0.1", "10.0.0.2")] == [
        401, 429, 401,
    ]  # fmt: skip
    behind.stop()
    alone = start_gateway(wrong_keys_per_minute="1")
    assert [guess(alone, client) for client in ("10.0.0.1", "10.0.0.2")] == [401, 429]


@pytest.fixture
def pair(
    stub_url: str, redis_url: str, data_key: str, tmp_path: Path
) -> Iterator[tuple[Running, Running]]:
    """Two gateways before one Redis."""
    settings = {"redis_url": redis_url, "data_key": data_key}
    both = [Running(tmp_path / name, stub_url, settings) for name in "ab"]
    try:
        yield both[0].start(), both[1].start()
    finally:
        for gateway in both:
            gateway.stop()


def test_a_revoked_key_is_refused_by_all_gateways_at_once(pair: tuple[Running, Running]) -> None:
    first, second = pair
    key = issued(first)
    answer = first.http.delete("/admin/keys/key_nobody", params={"wait": 5})
    assert answer.status_code == 404
    (listed,) = second.http.get("/admin/keys").json()["items"]
    assert listed["id"] == key["id"]
    revoked = first.http.delete(f"/admin/keys/{key['id']}", params={"wait": 10})
    assert revoked.json()["gateways"] == {"live": 2, "acknowledged": 2, "silent": 0}
    for gateway in pair:
        seen = gateway.http.get("/admin/status", headers=bearer(key))
        assert (seen.status_code, seen.json()["error"]["code"]) == (401, "invalid_api_key")
