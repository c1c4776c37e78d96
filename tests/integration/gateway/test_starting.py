"""A gateway that still loads its rules says that it is alive, and that it is not ready."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running import Running, eventually


@pytest.fixture
def silent_redis() -> Iterator[str]:
    """Accepts connections and never answers: whoever starts before it waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_health_answers_while_rules_load(
    stub_url: str, tmp_path: Path, silent_redis: str, data_key: str, workers: str
) -> None:
    settings = {"redis_url": silent_redis, "data_key": data_key, "workers": workers}
    settings |= {"redis_timeout_s": "5", "lease_s": "11"}
    gateway = Running(tmp_path, stub_url, settings)
    process = subprocess.Popen(gateway.child.command, env=gateway.child.environment)
    try:
        eventually(lambda: alive(gateway))
        eventually(lambda: bool([*tmp_path.glob("gateway-*.id")]))  # its parts are opened
        assert alive(gateway)
        ready = gateway.http.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "starting")
        asked = gateway.ask("What is the capital of Portugal?")
        assert (asked.status_code, asked.json()["error"]["code"]) == (503, "not_ready")
    finally:
        process.kill()
        process.wait()
        gateway.http.close()


def alive(gateway: Running) -> bool:
    try:
        return bool(gateway.http.get("/healthz").json() == {"status": "ok"})
    except httpx.ConnectError:
        return False
