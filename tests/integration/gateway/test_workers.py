"""Two workers behind one port: each a replica, none missed when it dies."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.running import KEY, Running, eventually

BRISK = {"redis_timeout_s": "0.3", "lease_s": "1.6", "workers": "2"}
ASK = "Where was Mira Quell born?"


@pytest.fixture
def two(start_gateway: StartGateway) -> Running:
    gateway = start_gateway(**BRISK)
    eventually(lambda: len(replicas(gateway)) == 2)
    return gateway


def replicas(gateway: Running) -> dict[str, int]:
    """The revision of each worker."""
    listed = gateway.http.get("/admin/status").json()["gateways"]
    return {one["id"]: one["revision"] for one in listed}


def workers(gateway: Running) -> list[int]:
    """Process ids of those that hold the name of a replica: they keep its file locked."""
    held = re.findall(r"FLOCK +ADVISORY +WRITE (\d+) \S+:(\d+) ", Path("/proc/locks").read_text())
    inodes = {str(path.stat().st_ino) for path in gateway.data.glob("gateway-*.id")}
    return [int(pid) for pid, inode in held if inode in inodes]


def asked_anew(gateway: Running) -> bool:
    """Whether the model was asked, over a connection of its own: any worker may take it."""
    with Running(gateway.data, gateway.upstream, port=gateway.port).http as client:
        body = {"model": "stub", "messages": [{"role": "user", "content": ASK}]}
        answer = client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    return "stub answer" in answer.text


def test_both_enforce_what_was_waited_for(two: Running) -> None:
    filed = two.file("Mira Quell", wait=30)
    assert filed["enforcement"]["gateways"] == {"live": 2, "acknowledged": 2, "silent": 0}
    assert not any(asked_anew(two) for _ in range(20))
    counted = re.search(r'lethe_requests_total\{outcome="enforced"\} (\d+)', metrics(two))
    assert counted, "no worker tells what both have counted"
    assert float(counted[1]) == 20


def test_a_worker_that_is_killed_is_replaced_and_loses_nothing(two: Running) -> None:
    before = replicas(two).keys()
    two.file("Mira Quell", wait=30)
    victim, survivor = workers(two)
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: not asked_anew(two))  # the other answers meanwhile
    eventually(lambda: victim not in workers(two))  # a busy machine takes a while to end it
    eventually(lambda: len(workers(two)) == 2)
    assert survivor in workers(two)
    assert victim not in workers(two)
    lifted = two.file("Tom Quell", wait=30)
    assert lifted["enforcement"]["gateways"] == {"live": 2, "acknowledged": 2, "silent": 0}
    assert replicas(two).keys() == before
    assert not any(asked_anew(two) for _ in range(20))


def test_all_end_with_the_parent(two: Running) -> None:
    running = workers(two)
    two.signal(signal.SIGTERM)
    assert two.child.process is not None
    assert two.child.process.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in running)
    with pytest.raises(httpx.ConnectError):
        two.http.get("/healthz")


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_signal_while_it_starts_is_heeded(stub_url: str, tmp_path: Path, count: str) -> None:
    gateway = Running(tmp_path, stub_url, BRISK | {"workers": count})
    process = subprocess.Popen(gateway.child.command, env=gateway.child.environment)
    eventually(lambda: bool([*tmp_path.glob("gateway-*.id")]))  # its parts are being opened
    process.terminate()
    assert process.wait(60) == 0
    gateway.http.close()


def test_workers_do_not_outlive_a_parent_that_was_killed(two: Running) -> None:
    running = workers(two)
    two.signal(signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))


def test_what_no_worker_can_start_with_ends_the_parent(start_gateway: StartGateway) -> None:
    with pytest.raises(Exception, match="LETHE_CALIBRATION"):
        start_gateway(**BRISK, calibration="/nowhere/at/all.json")


def metrics(gateway: Running) -> str:
    return gateway.http.get("/metrics", headers={"Authorization": f"Bearer {KEY}"}).text
