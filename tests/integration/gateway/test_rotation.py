"""`lethe keys rotate-data-key` before running gateways: killed, under traffic, and what is kept."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
import redis

from gateway.registry.cipher import Cipher
from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_cli import lethe
from tests.running import Running, eventually

BLIND = {"subject": {"name": "Zibethka Orlunde"}, "blind": True, "regulation": "gdpr"}
ASKED = "Who is Zibethka Orlunde?"


def made() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def id_of(key: str) -> str:
    return Cipher(base64.b64decode(key)).newest


def carriers(redis_url: str, key: str) -> int:
    """How many values in Redis this data key has sealed: of hashes, lists and strings."""
    raw: Any = redis.Redis.from_url(redis_url)
    head, found = b"\x01" + bytes.fromhex(id_of(key)), 0
    for name in raw.scan_iter("*"):
        match raw.type(name):
            case b"hash":
                values = raw.hvals(name)
            case b"list":
                values = raw.lrange(name, 0, -1)
            case b"string":
                values = [raw.get(name)]
            case _:
                values = []
        found += sum(value.startswith(head) for value in values)
    raw.close()
    return found


class Filing:
    """Files one request after the other at a gateway until it is stopped."""

    def __init__(self, gateway: Running) -> None:
        self.ids: list[str] = []
        self.failed: list[str] = []
        self._gateway = gateway
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Filing:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            body = {"subject": {"name": f"Person Nummer{len(self.ids)}"}}
            answer = self._gateway.http.post("/admin/forget-requests", json=body)
            if answer.status_code == 201:
                self.ids.append(answer.json()["id"])
            else:
                self.failed.append(answer.text)


@pytest.fixture
def fleet(stub_url: str, redis_url: str, tmp_path: Path) -> Iterator[list[Running]]:
    """Gateways that a test adds; stopped at the end."""
    started: list[Running] = []
    yield started
    for gateway in started:
        gateway.stop()


def test_two_gateways_go_on_over_a_rotation_that_is_killed(
    stub_url: str, redis_url: str, data_key: str, tmp_path: Path, fleet: list[Running]
) -> None:
    new = made()
    both = {"redis_url": redis_url, "data_key": new, "previous_data_key": data_key}

    def started(name: str, **settings: str) -> Running:
        fleet.append(Running(tmp_path / name, stub_url, settings))
        return fleet[-1].start()

    first = started("a", redis_url=redis_url, data_key=data_key)
    submitted = BLIND | {"subject_request_id": str(uuid4())}
    blind = first.http.post("/admin/forget-requests", json=submitted, params={"wait": 10})
    assert blind.status_code == 201
    issued = lethe("keys", "create", "--role", "operator", redis_url=redis_url, data_key=data_key)
    token = orjson.loads(issued.stdout)["key"]

    # The command refuses while a gateway has the old key only.
    refused = lethe("keys", "rotate-data-key", **both)
    assert refused.returncode == 1
    assert "do not have the new data key" in refused.stderr
    assert carriers(redis_url, new) == 0

    first.stop()
    gateways = [started(name, **both) for name in "ab"]
    with Filing(gateways[0]) as filing:
        eventually(lambda: len(filing.ids) >= 40)
        killed = rotating(both)
        eventually(lambda: carriers(redis_url, new) > 10)
        killed.kill()
        killed.wait()
        done = lethe("keys", "rotate-data-key", **both)
        assert done.returncode == 0, done.stderr
        so_far = len(filing.ids)
        eventually(lambda: len(filing.ids) > so_far + 5)
    told = orjson.loads(done.stdout.splitlines()[-1])
    assert (told["data_key"], told["previous"]) == (id_of(new), id_of(data_key))
    assert told["silent"] == told["behind"] == []
    assert filing.failed == []
    assert carriers(redis_url, data_key) == 0

    for gateway in gateways:
        assert not gateway.told(ASKED)
        bearer = {"Authorization": f"Bearer {token}"}
        assert gateway.http.get("/admin/status", headers=bearer).status_code == 200
        again = gateway.http.post("/admin/forget-requests", json=submitted)
        assert (again.status_code, again.json()["id"]) == (200, blind.json()["id"])
        found = gateway.http.get("/admin/forget-requests", params={"subject": "zibethka orlunde"})
        assert [each["id"] for each in found.json()["items"]] == [blind.json()["id"]]

    # With the new key alone, and with the snapshot alone.
    for gateway in gateways:
        gateway.stop()
    alone = started("a", redis_url=redis_url, data_key=new)
    assert not alone.told(ASKED)
    for request_id in filing.ids:
        assert alone.http.get(f"/admin/forget-requests/{request_id}").status_code == 200
    verified = lethe("audit", "verify", url=str(alone.http.base_url), api_key="bench")
    assert verified.returncode == 0, verified.stderr
    alone.stop()
    away = {"redis_url": "redis://127.0.0.1:1/0", "data_key": new}
    cut_off = Running(tmp_path / "b", stub_url, away, port=gateways[1].port)
    fleet.append(cut_off.start(ready=False))
    assert not cut_off.told(ASKED)
    bearer = {"Authorization": f"Bearer {token}"}
    assert cut_off.http.get("/admin/status", headers=bearer).status_code == 200
    late = Running(tmp_path / "c", stub_url, {"redis_url": redis_url, "data_key": data_key})
    fleet.append(late.start(ready=False))
    (problem,) = late.http.get("/readyz").json()["problems"]
    assert "was rotated" in problem
    assert late.ask(ASKED).status_code == 503


def rotating(settings: dict[str, str]) -> subprocess.Popen[bytes]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LETHE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "keys", "rotate-data-key"],
        env=clean | {f"LETHE_{name.upper()}": value for name, value in settings.items()},
        stdout=subprocess.DEVNULL,
    )


def test_a_running_gateway_takes_the_key_that_the_command_makes(
    start_gateway: StartGateway,
) -> None:
    gateway = start_gateway()
    gateway.http.post("/admin/forget-requests", json=BLIND, params={"wait": 10})
    key, before = gateway.data / "data.key", gateway.data / "data.key.previous"
    keys = [key.read_text()]
    for _ in range(2):
        done = lethe("keys", "rotate-data-key", data_dir=str(gateway.data))
        assert done.returncode == 0, done.stderr
        keys.append(key.read_text())
        assert before.read_text() == keys[-2]
        for path in (key, before):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        gateway.file(f"Person Nummer{len(keys)}", wait=10)
        assert not gateway.told(ASKED)
        # The one before opens older backups: another rotation would put its own in its place.
        refused = lethe("keys", "rotate-data-key", data_dir=str(gateway.data))
        assert refused.returncode != 0
        assert "is still there" in refused.stderr
        assert key.read_text() == keys[-1]
        before.unlink()
    assert len(set(keys)) == 3
    time.sleep(2)  # the snapshot and the keyring's file follow within a second
    for name in ("keyring.bin", *(path.name for path in gateway.data.glob("snapshot-*.bin"))):
        assert bytes.fromhex(id_of(keys[-1])) in (gateway.data / name).read_bytes()[:60]
    gateway.stop()
    again = start_gateway()
    assert not again.told(ASKED)
    listed = again.http.get("/admin/forget-requests").json()["items"]
    assert len(listed) == 3


def test_without_another_key_there_is_nothing_to_rotate_to(redis_url: str, data_key: str) -> None:
    assert lethe("keys", "list", redis_url=redis_url, data_key=data_key).returncode == 0
    done = lethe("keys", "rotate-data-key", redis_url=redis_url, data_key=data_key)
    assert done.returncode == 1
    assert "nothing to rotate to" in done.stderr
    assert "LETHE_PREVIOUS_DATA_KEY" in done.stderr
