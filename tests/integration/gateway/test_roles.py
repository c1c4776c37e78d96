"""The authorisation matrix, generated from the running application's routes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest

from gateway.roles import ROLES
from tests.integration.gateway.conftest import StartGateway
from tests.running import Running, eventually

READERS = {"filer", "approver", "auditor", "operator"}
# (method, path, roles that may): every route of the gateway stands here.
MATRIX: list[tuple[str, str, set[str]]] = [
    ("GET", "/v1/models", {"client"}),
    ("GET", "/v1/models/stub", {"client"}),
    ("POST", "/v1/chat/completions", {"client"}),
    ("POST", "/v1/completions", {"client"}),
    ("POST", "/v1/responses", {"client"}),
    ("POST", "/v1/embeddings", {"client"}),
    ("POST", "/admin/forget-requests", {"filer"}),
    ("GET", "/admin/forget-requests", READERS),
    ("GET", "/admin/forget-requests/fr_none", READERS),
    ("PATCH", "/admin/forget-requests/fr_none", {"filer"}),
    ("POST", "/admin/forget-requests/fr_none/verify-identity", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/approve", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/pause", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/resume", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/extend", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/notes", {"filer", "approver"}),
    ("GET", "/admin/forget-requests/fr_none/notes", READERS),
    ("GET", "/admin/forget-requests/fr_none/versions", READERS),
    ("GET", "/admin/forget-requests/fr_none/events", READERS),
    ("POST", "/admin/forget-requests/fr_none/deny", {"approver"}),
    ("POST", "/admin/forget-requests/fr_none/lift", {"approver"}),
    ("DELETE", "/admin/forget-requests/fr_none", {"filer"}),
    ("POST", "/admin/forget-requests/import", {"filer"}),
    ("GET", "/admin/forget-requests/export", READERS),
    ("POST", "/admin/explain", READERS),
    ("GET", "/admin/status", READERS),
    ("DELETE", "/admin/gateways/none", {"operator"}),
    ("POST", "/admin/keys", {"operator"}),
    ("GET", "/admin/keys", {"auditor", "operator"}),
    ("DELETE", "/admin/keys/none", {"operator"}),
    ("POST", "/admin/recipients", {"operator"}),
    ("GET", "/admin/recipients", {"auditor", "operator"}),
    ("DELETE", "/admin/recipients/none", {"operator"}),
    ("POST", "/admin/recipients/none/rotate-secret", {"operator"}),
    ("POST", "/admin/recipients/none/test", {"operator"}),
    ("GET", "/admin/forget-requests/fr_none/deliveries", READERS),
    ("GET", "/admin/audit", {"auditor", "operator"}),
    ("GET", "/admin/audit/head", {"auditor", "operator"}),
    ("GET", "/admin/audit/outcomes", {"auditor", "operator"}),
    ("GET", "/admin/traces", {"auditor"}),
    ("GET", "/admin/signing-key", {"filer", "approver", "auditor", "operator"}),
    ("GET", "/metrics", {"operator"}),
    ("GET", "/openapi.json", set(ROLES)),
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
def gateway(stub_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway that takes any number of wrong keys."""
    settings = {"wrong_keys_per_minute": "100000"}
    running = Running(tmp_path_factory.mktemp("gateway"), stub_url, settings).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tokens(gateway: Running) -> dict[str, str]:
    """An issued key for each role."""
    return {r: lethe(gateway, "keys", "create", "--role", r, "--name", r)[0]["key"] for r in ROLES}


@pytest.fixture(scope="module")
def nobody(gateway: Running) -> dict[str, dict[str, str]]:
    """Headers that let nobody in, by the code that they are answered with; keys had all roles."""
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    expired = gateway.http.post("/admin/keys", json={"roles": ROLES, "expires": soon}).json()
    revoked = gateway.http.post("/admin/keys", json={"roles": ROLES}).json()
    gateway.http.delete(f"/admin/keys/{revoked['id']}")
    headers = {"Authorization": f"Bearer {expired['key']}"}
    eventually(lambda: gateway.http.get("/admin/status", headers=headers).status_code == 401)
    return {
        "missing": {"Authorization": ""},
        "foreign": {"Authorization": "Basic YTpi"},
        "wrong": {"Authorization": "Bearer lethe-guessed"},
        "revoked": {"Authorization": f"Bearer {revoked['key']}"},
        "expired": headers,
    }


CODES = {
    "missing": "missing_api_key",
    "foreign": "missing_api_key",
    "wrong": "invalid_api_key",
    "revoked": "invalid_api_key",
    "expired": "expired_api_key",
}


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row[0]}{row[1]}")
def test_only_the_named_roles_may(
    gateway: Running,
    tokens: dict[str, str],
    nobody: dict[str, dict[str, str]],
    row: tuple[str, str, set[str]],
) -> None:
    method, path, allowed = row
    for role, token in tokens.items():
        headers = {"Authorization": f"Bearer {token}"}
        answer = gateway.http.request(method, path, headers=headers)
        assert (answer.status_code == 403) == (role not in allowed), (role, answer.text)
        assert answer.status_code < 500
    for who, headers in nobody.items():
        answer = gateway.http.request(method, path, headers=headers)
        assert answer.status_code == 401, (who, answer.text)
        assert answer.json()["error"]["code"] == CODES[who]
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_is_open_to_all(
    gateway: Running, tokens: dict[str, str], nobody: dict[str, dict[str, str]], path: str
) -> None:
    issued = [{"Authorization": f"Bearer {token}"} for token in tokens.values()]
    for headers in (*issued, *nobody.values()):
        assert gateway.http.get(path, headers=headers).status_code == 200


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
