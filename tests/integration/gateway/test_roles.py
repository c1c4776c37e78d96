"""The authorisation matrix, generated from the running application's routes."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import orjson
import pytest

from gateway.roles import ROLES
from tests.integration.gateway.conftest import StartGateway
from tests.running import Running

# (method, path, roles that may): every route of the gateway stands here.
MATRIX = [
    ("GET", "/v1/models", {"client"}),
    ("GET", "/v1/models/stub", {"client"}),
    ("POST", "/v1/chat/completions", {"client"}),
    ("POST", "/v1/completions", {"client"}),
    ("POST", "/v1/responses", {"client"}),
    ("POST", "/v1/embeddings", {"client"}),
    ("POST", "/admin/forget-requests", {"filer"}),
    ("GET", "/admin/forget-requests", {"filer", "approver", "auditor", "operator"}),
    ("GET", "/admin/forget-requests/fr_none", {"filer", "approver", "auditor", "operator"}),
    ("POST", "/admin/forget-requests/fr_none/approve", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/deny", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/lift", {"approver"}),
    ("DELETE", "/admin/forget-requests/fr_none", {"filer"}),
    ("POST", "/admin/explain", {"filer", "approver", "auditor", "operator"}),
    ("GET", "/admin/status", {"filer", "approver", "auditor", "operator"}),
    ("DELETE", "/admin/gateways/none", {"operator"}),
    ("GET", "/metrics", {"operator"}),
]
OPEN = ["/healthz", "/readyz"]


def lethe(gateway: Running, *arguments: str) -> list[dict[str, str]]:
    """Run the command beside a gateway; its JSON lines."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env={**os.environ, **gateway.child.environment},
        capture_output=True,
        check=True,
    )
    return [orjson.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def tokens(gateway: Running) -> dict[str, str]:
    """An issued key for each role."""
    return {r: lethe(gateway, "keys", "create", "--role", r, "--name", r)[0]["key"] for r in ROLES}


@pytest.mark.parametrize(("method", "path", "allowed"), MATRIX)
def test_only_the_named_roles_may(
    gateway: Running, tokens: dict[str, str], method: str, path: str, allowed: set[str]
) -> None:
    for role, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        answer = gateway.http.request(method, path, headers=headers)
        assert (answer.status_code == 403) == (role not in allowed), (role, answer.text)
        assert answer.status_code < 500
    plain = httpx.request(method, str(gateway.http.base_url) + path)
    assert plain.status_code == 401


@pytest.mark.parametrize("path", OPEN)
def test_health_is_open(gateway: Running, path: str) -> None:
    assert httpx.get(str(gateway.http.base_url) + path).status_code == 200


def test_only_operators_and_auditors_are_told_details(
    gateway: Running, tokens: dict[str, str]
) -> None:
    url = f"{gateway.http.base_url}/readyz"
    for role, token in tokens.items():
        seen = httpx.get(url, headers={"Authorization": f"Bearer {token}"}).json()
        assert ("problems" in seen) == (role in {"operator", "auditor"}), role
    for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic eA=="}):
        assert httpx.get(url, headers=headers).json() == {"status": "ready"}


def test_a_revoked_key_is_refused_at_once(gateway: Running) -> None:
    (key,) = lethe(gateway, "keys", "create", "--role", "auditor")
    headers = {"Authorization": f"Bearer {key['key']}"}
    assert gateway.http.get("/admin/status", headers=headers).status_code == 200
    listed = [row["id"] for row in lethe(gateway, "keys", "list")]
    assert key["id"] in listed
    lethe(gateway, "keys", "revoke", key["id"])
    assert gateway.http.get("/admin/status", headers=headers).status_code == 401


def test_auth_off_on_loopback_asks_for_no_key(start_gateway: StartGateway) -> None:
    gateway = start_gateway(auth="off")
    with httpx.Client(base_url=gateway.http.base_url) as stranger:
        filed = stranger.post("/admin/forget-requests", json={"subject": {"name": "Mira Quell"}})
        assert filed.status_code == 201
    assert not gateway.told("Where was Mira Quell born?")
