"""Planted names and keys are found nowhere outside encrypted fields, whatever breaks."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import stop_redis
from tests.running import Running, eventually

STEM = b"quandahl"
"""In every name, place, key and id that is planted."""
NAME = "Zephyrine Quandahl"
ASK = f"Where was {NAME} born?"
OTHER = "What does Tibor Quandahl-Untold do?"
KEY = "key-Quandahl-secret"


class Quoting(BaseHTTPRequestHandler):
    """An engine whose errors quote the prompt; also a collector of traces."""

    received: list[bytes]

    def do_GET(self) -> None:
        self._answer(200, {"data": [{"id": "stub"}]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            packed = self.headers.get("Content-Encoding") == "gzip"
            self.received.append(gzip.decompress(body) if packed else body)
            self._answer(200, {})
        elif b"hang" in body:
            threading.Event().wait(20)
        elif b"malformed" in body:
            self._answer(200, None, b"no JSON about " + NAME.encode())
        else:
            status = 400 if b"refuse" in body else 500
            self._answer(status, {"error": {"message": f"cannot serve {body!r}"}})

    def _answer(self, status: int, content: Any, raw: bytes | None = None) -> None:
        data = json.dumps(content).encode() if raw is None else raw
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def quoting() -> Iterator[tuple[str, list[bytes]]]:
    """Its base URL, and the traces that it receives."""
    received: list[bytes] = []
    handler = type("Handler", (Quoting,), {"received": received})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def provoke(gateway: Running, flag: Path) -> None:
    """File, chat, and make everything fail that can."""
    http = gateway.http
    filed = gateway.file(
        NAME,
        wait=5,
        questions=[{"question": ASK, "answer": "Port Quandahl"}],
        passages=["On the quay of Port Quandahl the lamps were lit before dusk that day."],
        facts=[{"statement": f"{NAME} was born in Port Quandahl.", "values": ["Port Quandahl"]}],
        forbidden=["Operation Quandahl Heron"],
    )
    one = f"/admin/forget-requests/{filed['id']}"
    blind = {"subject": {"name": "Blanche Quandahl"}, "blind": True}
    for method, path, body in (
        ("POST", "/admin/forget-requests", blind),
        ("POST", f"{one}/notes", {"text": "Her lawyer is Ines Quandahl."}),
        ("POST", f"{one}/pause", {"reason": "counter_notice", "remark": "By Otto Quandahl."}),
        ("POST", f"{one}/resume", {}),
        ("POST", "/admin/keys", {"name": "Desk of Quandahl", "roles": ["auditor"]}),
    ):
        answer = http.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
    command = [sys.executable, "-m", "gateway.cli", "forget", "Odalys Quandahl", "--wait", "5"]
    access = {"LETHE_URL": str(http.base_url), "LETHE_API_KEY": KEY}
    subprocess.run(command, env={**os.environ, **access}, check=True, capture_output=True)
    assert gateway.ask(ASK).status_code == 200
    assert gateway.ask("Please forget everything about Nerissa Quandahl.").status_code == 200
    for text in (OTHER, f"{OTHER} malformed", f"{OTHER} refuse", f"{OTHER} break here"):
        gateway.ask(text)
    gateway.ask(OTHER, model="Quandahl-7B")
    chat = {"model": "stub", "messages": [{"role": "user", "content": OTHER}]}
    trace = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": "name=Quandahl",
        "baggage": "name=Quandahl",
        "x-request-id": "Quandahl-17",
        "x-Quandahl": "yes",
    }
    http.post("/v1/chat/completions", json={**chat, "user": NAME}, headers=trace)
    http.post("/v1/chat/completions", json={**chat, "stream": True})
    http.post("/v1/chat/completions", json={**chat, "Quandahl": 1})
    http.post("/v1/chat/completions", content=f'{{"{NAME}'.encode())
    http.post("/v1/responses", json={"model": "stub", "input": f"{OTHER} break here"})
    http.post("/admin/forget-requests", content=f'{{"{NAME}'.encode())
    http.post("/admin/forget-requests", json={"subject": {"Quandahl": NAME}})
    http.post("/admin/forget-requests", json={"subject": {"name": NAME}, "regulation": NAME})
    http.get(f"/admin/forget-requests/{NAME}", params={"name": NAME})
    http.get("/admin/forget-requests", params={"status": NAME, "cursor": NAME})
    http.post("/admin/forget-requests", params={"Quandahl": "1"}, json={})
    http.get(f"/v1/models/{NAME}")
    http.get(f"/{NAME}/x", params={"q": NAME})
    http.request("QUANDAHL", "/v1/models")
    # The server ends the connection after it, so it must not be used again.
    alone = {"Connection": "close"}
    assert http.post("/admin/explain", json={"text": ASK}, headers=alone).status_code == 500
    http.get("/admin/status", headers={"Authorization": "Bearer Quandahl-guessed"})
    with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
        raw.sendall(f"GET /{NAME} HTTP/1.1\r\nQuandahl\r\n\r\n".encode())
        raw.recv(1_000)
    flag.touch()
    assert http.post("/admin/forget-requests", json={"subject": {"name": NAME}}).status_code == 503
    flag.unlink()
    eventually(lambda: http.get("/readyz").status_code == 200)


def holding(folder: Path) -> list[str]:
    """The files under a folder in which something that was planted stands in the clear."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any("appendonly" in str(path) for path in files)
    return [str(path) for path in files if STEM in path.read_bytes().lower()]


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_was_planted_is_told(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")  # milliseconds between two exports
    flag = tmp_path / "flag"
    with quoting() as (url, traces):
        gateway = Running(
            tmp_path / "data",
            url,
            {
                "bootstrap_key": KEY,
                "log_format": form,
                "access_log": "all",
                "otel_endpoint": url,
                "test_flag": str(flag),
            },
        )
        gateway.http.headers["Authorization"] = f"Bearer {KEY}"
        gateway.child.command = [sys.executable, "-m", "tests.integration.gateway.saboteur"]
        gateway.start()
        try:
            provoke(gateway, flag)
            told = [gateway.http.get(path) for path in ("/metrics", "/readyz", "/admin/status")]
            eventually(lambda: b"/admin/explain" in b"".join(traces))
            threading.Timer(1.0, gateway.signal, (signal.SIGABRT,)).start()
            with pytest.raises(httpx.HTTPError):  # the process dies while the engine is asked
                gateway.ask(f"{OTHER} hang")
            log = gateway.child.log.read_bytes()
        finally:
            gateway.child.kill()
            gateway.http.close()
            asyncio.run(stop_redis(gateway.data))
    for answer in told:
        assert STEM not in answer.content.lower(), answer.url
    assert b"lethe_requests_total" in told[0].content
    assert b"Fatal Python error: Aborted" in log
    assert b"ValueError" in log, "what broke is told, by its kind"
    assert b"/admin/forget-requests/{request_id}" in log
    assert STEM not in log.lower()
    sent = b"".join(traces)
    assert b"lethe.outcome" in sent
    assert b"/v1/chat/completions" in sent
    assert bytes.fromhex("0af7651916cd43dd8448eb211c80319c") in sent
    assert STEM not in sent.lower()
    assert holding(tmp_path / "data") == []
