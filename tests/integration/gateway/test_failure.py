"""The failure table: whatever breaks, what was acknowledged stays enforced."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import redis

from tests.integration.gateway.conftest import StartGateway
from tests.running import Running, eventually

BRISK = {"redis_timeout_s": "0.3", "lease_s": "1.6"}
ASK = "Where was Mira Quell born?"


def test_killed_right_after_201_enforces_after_restart(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell")
    gateway.child.kill()
    gateway.start()
    assert not gateway.told(ASK)
    assert gateway.told("Where was Tom Quell born?")


def test_redis_killed_with_the_gateway_loses_nothing(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell")
    redis = gateway.redis_pid
    gateway.child.kill()
    os.kill(redis, signal.SIGKILL)
    gateway.start()
    assert not gateway.told(ASK)


def test_redis_down_enforces_the_snapshot_and_refuses_filings(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway(lag_limit_s="2")
    gateway.file("Mira Quell")
    os.kill(gateway.redis_pid, signal.SIGKILL)
    began = time.monotonic()
    assert not gateway.told(ASK)
    assert gateway.told("What is the capital of Portugal?")
    answer = gateway.http.post("/admin/forget-requests", json={"subject": {"name": "Tom Quell"}})
    assert answer.status_code == 503
    assert answer.json()["error"]["type"] == "registry_unavailable_error"
    assert gateway.http.get("/admin/forget-requests").status_code == 503
    assert gateway.http.get("/admin/status").json()["redis"] == "unreachable"
    assert time.monotonic() - began < 5.0, "something hung longer than the time-out"
    eventually(lambda: gateway.http.get("/readyz").status_code == 503)
    assert not gateway.told(ASK)


def test_redis_frozen_hangs_nothing(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell")
    redis = gateway.redis_pid
    os.kill(redis, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert not gateway.told(ASK)
        assert time.monotonic() - began < 1.0
        answer = gateway.http.post(
            "/admin/forget-requests", json={"subject": {"name": "Tom Quell"}}
        )
        assert answer.status_code == 503
        assert time.monotonic() - began < 8.0
    finally:
        os.kill(redis, signal.SIGCONT)
    eventually(lambda: gateway.http.get("/admin/forget-requests").status_code == 200)
    gateway.file("Tom Quell")
    assert not gateway.told("Where was Tom Quell born?")


def test_restart_without_redis_enforces_the_snapshot_on_disk(
    start_gateway: StartGateway, redis_url: str, data_key: str
) -> None:
    settings = {"redis_url": redis_url, "data_key": data_key}
    gateway = start_gateway(**settings)
    gateway.file("Mira Quell")
    eventually(lambda: any(gateway.data.glob("snapshot*")))
    time.sleep(1.2)  # the snapshot is written at most once a second
    gateway.child.stop()
    gateway.settings["redis_url"] = "redis://127.0.0.1:1/0"
    offline = Running(gateway.data, gateway.upstream, gateway.settings, port=gateway.port)
    try:
        offline.start(ready=False)
        assert not offline.told(ASK)
        assert offline.told("What is the capital of Portugal?")
    finally:
        offline.stop()


def test_without_redis_and_without_snapshot_nothing_is_served(
    start_gateway: StartGateway, data_key: str
) -> None:
    gateway = start_gateway(ready=False, redis_url="redis://127.0.0.1:1/0", data_key=data_key)
    answer = gateway.ask("What is the capital of Portugal?")
    assert answer.status_code == 503
    assert answer.json()["error"]["type"] == "not_ready_error"
    assert gateway.http.get("/readyz").status_code == 503


def test_wrong_data_key_is_never_served_and_never_acknowledges(
    start_gateway: StartGateway, redis_url: str, data_key: str
) -> None:
    first = start_gateway(redis_url=redis_url, data_key=data_key)
    first.file("Mira Quell")
    other = Running(
        first.data.with_name("other"),
        first.upstream,
        {"redis_url": redis_url, "data_key": "A" * 43 + "="},
    )
    try:
        other.start(ready=False)
        assert other.ask(ASK).status_code == 503
        assert "data key" in " ".join(other.http.get("/readyz").json()["problems"])
        assert len(first.http.get("/admin/status").json()["gateways"]) == 1
    finally:
        other.stop()


def test_paused_replica_blocks_completion_and_catches_up_before_it_serves(
    start_gateway: StartGateway,
) -> None:
    first, second = start_gateway(**BRISK), start_gateway(**BRISK)
    second.signal(signal.SIGSTOP)
    try:
        time.sleep(1.7)  # longer than its lease
        filed = first.file("Mira Quell", wait=1)
        assert filed["status"] == "in_progress"
        assert filed["enforcement"]["gateways"]["silent"] == 1
    finally:
        second.signal(signal.SIGCONT)
    assert not second.told(ASK)
    path = f"/admin/forget-requests/{filed['id']}"
    eventually(lambda: first.http.get(path).json()["status"] == "completed")


def test_a_killed_replica_blocks_completion_until_an_operator_expires_it(
    start_gateway: StartGateway,
) -> None:
    first, second = start_gateway(**BRISK), start_gateway(**BRISK)
    second.child.kill()
    filed = first.file("Mira Quell", wait=3)
    assert filed["status"] == "in_progress"
    lost = [g["id"] for g in first.http.get("/admin/status").json()["gateways"] if not g["live"]]
    assert len(lost) == 1
    assert first.http.delete(f"/admin/gateways/{lost[0]}").status_code == 204
    seen = first.http.get(f"/admin/forget-requests/{filed['id']}").json()
    assert seen["status"] == "completed"


def test_emptied_redis_is_noticed_and_the_old_rules_stay_enforced(
    start_gateway: StartGateway, redis_url: str, data_key: str
) -> None:
    gateway = start_gateway(redis_url=redis_url, data_key=data_key)
    gateway.file("Mira Quell")
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    eventually(lambda: gateway.http.get("/readyz").status_code == 503)
    assert not gateway.told(ASK)
    answer = gateway.http.post("/admin/forget-requests", json={"subject": {"name": "Tom Quell"}})
    assert answer.status_code == 503


def test_a_clean_stop_leaves_nothing_behind_and_blocks_nobody(
    start_gateway: StartGateway,
) -> None:
    first, second = start_gateway(), start_gateway()
    redis_pid = first.redis_pid
    second.child.stop()
    assert first.file("Mira Quell", wait=30)["status"] == "completed"
    assert len(first.http.get("/admin/status").json()["gateways"]) == 1
    first.child.stop()
    assert not Path(f"/proc/{redis_pid}/cwd").exists()
