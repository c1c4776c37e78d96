"""The doctor before a real gateway, Redis and a stub of an engine."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_cli import lethe
from tests.running import KEY, Running, eventually


def examined(gateway: Running, *arguments: str, key: str = KEY) -> tuple[int, Mapping[str, str]]:
    """The exit code, and the verdict of each check."""
    done = lethe("doctor", *arguments, url=str(gateway.http.base_url), api_key=key)
    rows = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert rows, done.stderr
    assert all(row.keys() == {"check", "verdict", "told", "mend"} for row in rows)
    assert "Quell" not in done.stdout
    return done.returncode, {row["check"]: row["verdict"] for row in rows}


def test_a_deployment_is_examined(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell", wait=30)
    before = gateway.http.get("/admin/status").json()["revision"]
    code, found = examined(gateway, "--engine", gateway.upstream)
    assert code == 1
    assert {name for name, verdict in found.items() if verdict == "fail"} == {"engine access"}
    assert found["engine"] == "warn", "the stub has no plug-in"
    assert found["redis memory"] == "warn", "the embedded Redis has no bound"
    for check in ("ready", "transport", "authentication", "key", "clocks", "replicas", "redis"):
        assert found[check] == "ok", check
    for check in ("disk", "verdicts", "refusal", "retained", "chat", "streaming"):
        assert found[check] == "ok", check
    assert gateway.http.get("/admin/status").json()["revision"] == before, "nothing is filed"
    assert examined(gateway)[0] == 0
    as_in_settings = ("--engine", f"{gateway.upstream}/v1/")
    assert examined(gateway, *as_in_settings)[1]["engine access"] == "fail"
    code, found = examined(gateway, key="guessed")
    assert (code, found["key"]) == (1, "fail")


def test_a_gateway_without_redis_is_found(start_gateway: StartGateway, data_key: str) -> None:
    gateway = start_gateway(ready=False, redis_url="redis://127.0.0.1:1/0", data_key=data_key)
    code, found = examined(gateway)
    assert code == 1
    assert (found["ready"], found["redis"], found["reachable"]) == ("fail", "fail", "ok")


@pytest.mark.parametrize("engine", ["foo", "10.0.0.5:8000", "ftp://10.0.0.5", ""])
def test_an_engine_that_is_no_address_is_refused(engine: str) -> None:
    done = lethe("doctor", "--engine", engine, url="http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "http://10.0.0.5:8000" in done.stderr


def test_nothing_there_is_told() -> None:
    done = lethe("doctor", url="http://127.0.0.1:1")
    assert done.returncode == 1
    (row,) = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert (row["check"], row["verdict"]) == ("reachable", "fail")
    assert "LETHE_URL" in row["mend"]


def test_status_tells_of_store_disk_and_snapshot(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell", wait=30)
    status = gateway.http.get("/admin/status").json()
    assert status["redis"] == "ok"
    store = status["store"]
    assert (store["policy"], store["persistent"], store["volatile"]) == ("noeviction", True, False)
    assert store["used_memory"] > 0
    assert store["ledger_length"] == status["revision"]
    assert abs(store["clock_ahead_s"]) < 2
    assert 0 < status["disk"]["free"] <= status["disk"]["size"]
    assert status["workers"] == 1

    def saved() -> bool:
        snapshot = gateway.http.get("/admin/status").json()["snapshot"]
        return bool(snapshot["written"]) and snapshot["unsaved_s"] == 0

    eventually(saved)
    eventually(lambda: "lethe_redis_up 1.0" in gateway.http.get("/metrics").text)
    text = gateway.http.get("/metrics").text
    assert 'lethe_replica_live{replica="' in text
    assert (
        f'lethe_engine_healthy{{engine="{gateway.upstream.removeprefix("http://")}"}} 1.0' in text
    )
    assert "lethe_ready 1.0" in text
