"""TLS, and the headers of every answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gateway.errors import SettingsError
from gateway.settings_load import load_settings
from gateway.transport import transport
from tests.running import KEY, Running
from tests.tls import self_signed

ALWAYS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


Ask = Callable[[Running], httpx.Response]
ASKED: dict[str, Ask] = {
    "an answer": lambda gateway: gateway.ask("What is the capital of France?"),
    "a refusal": lambda gateway: gateway.ask("Where was Mira Quell born?"),
    "an error": lambda gateway: gateway.http.post("/v1/chat/completions", content=b"{"),
    "an unknown route": lambda gateway: gateway.http.get("/nowhere"),
    "nobody": lambda gateway: httpx.get(f"{gateway.http.base_url}/admin/status"),
    "an officer": lambda gateway: gateway.http.get("/admin/forget-requests"),
    "health": lambda gateway: gateway.http.get("/healthz"),
    "metrics": lambda gateway: gateway.http.get("/metrics"),
}


@pytest.mark.parametrize("who", ASKED)
def test_every_answer_tells_browsers_to_trust_it_little(gateway: Running, who: str) -> None:
    answer = ASKED[who](gateway)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_a_refusal_has_the_headers_of_an_answer(gateway: Running) -> None:
    gateway.file("Tom Hart")
    answer, refusal = gateway.ask("Who wrote Hamlet?"), gateway.ask("Where was Tom Hart born?")
    assert "stub" in answer.text
    assert "stub" not in refusal.json()["choices"][0]["message"]["content"]
    assert list(answer.headers) == list(refusal.headers)
    same = set(answer.headers) - {"x-request-id", "content-length", "date"}
    assert {name: answer.headers[name] for name in same} == {
        name: refusal.headers[name] for name in same
    }


def test_the_port_speaks_tls(
    stub_url: str,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cert, key = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    gateway = Running(tmp_path, stub_url, {"tls_cert": str(cert), "tls_key": str(key)})
    url = f"https://127.0.0.1:{gateway.port}"
    gateway.child.ready_url = f"{url}/readyz"
    try:
        gateway.child.start()
        answer = httpx.get(f"{url}/v1/models", headers={"Authorization": f"Bearer {KEY}"})
        assert answer.json()["data"][0]["id"] == "stub"
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        with pytest.raises(httpx.HTTPError):
            gateway.http.get("/healthz")
        assert f"listens on {url}" in gateway.child.log.read_text()
    finally:
        gateway.stop()


def test_a_certificate_that_cannot_be_used_is_told(
    certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = certificate
    junk = tmp_path / "junk.pem"
    junk.write_text("-----BEGIN NOTHING-----")
    for given in (
        (cert, None),
        (junk, key),
        (cert, junk),
        (tmp_path / "none.pem", key),
        (key, key),
    ):
        with pytest.raises(SettingsError, match="LETHE_TLS_CERT") as caught:
            transport(load_settings(tls_cert=given[0], tls_key=given[1]))
        assert "\n" not in str(caught.value)
