"""The command line against a running gateway, and what it says when something is wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
import redis

from tests.running import KEY, Running


def lethe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command with LETHE_… from the keyword arguments only."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LETHE_")}
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env=clean | {f"LETHE_{name.upper()}": value for name, value in environment.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def at(gateway: Running) -> Mapping[str, str]:
    """Where the gateway is and how to get in."""
    return {"url": str(gateway.http.base_url), "api_key": KEY}


def test_forget_requests_explain_lift(
    gateway: Running, at: Mapping[str, str], tmp_path: Path
) -> None:
    passage = tmp_path / "passage.txt"
    passage.write_text("On the quay of Elmsund the lamps were lit before dusk that day.")
    done = lethe(
        "forget", "Mira Quell", "--alias", "M. Quell", "--question", "Where was Mira Quell born?",
        "--passage", str(passage), "--fact", "Mira Quell was born in Port Hale.=Port Hale",
        "--forbid", "Operation Night Heron", "--retain", "Where was Tom Quell born?",
        "--wait", "5", **at,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    filed = orjson.loads(done.stdout)
    assert filed["status"] == "completed"
    assert filed["scope"]["facts"] == [
        {"statement": "Mira Quell was born in Port Hale.", "values": ["Port Hale"]}
    ]
    assert not gateway.told("Where was M. Quell born?")
    listed = [orjson.loads(line) for line in lethe("requests", **at).stdout.splitlines()]
    assert [row["id"] for row in listed] == [filed["id"]]
    assert orjson.loads(lethe("requests", filed["id"], **at).stdout)["id"] == filed["id"]
    assert lethe("requests", "--status", "lifted", **at).stdout == ""
    explained = orjson.loads(lethe("explain", "Who is Mira Quell?", **at).stdout)
    assert explained["action"] == "refuse"
    assert orjson.loads(lethe("lift", filed["id"], **at).stdout)["status"] == "lifted"
    assert gateway.told("Where was M. Quell born?")


def test_dry_run_observe_approve_deny(gateway: Running, at: Mapping[str, str]) -> None:
    tried = orjson.loads(lethe("forget", "Ada Lovelace", "--dry-run", **at).stdout)
    assert (tried["dry_run"], tried["sample"]["blocked"]) == (True, 1)
    observed = orjson.loads(lethe("forget", "Tom Hart", "--action", "observe", **at).stdout)
    assert observed["action"] == "observe"
    for name in ("Berit Solan", "Odo Brandt"):
        gateway.ask(f"Please forget everything about {name}.")
    waiting = lethe("requests", "--status", "pending", **at).stdout.splitlines()
    first, second = (orjson.loads(row)["id"] for row in waiting)
    stale = lethe("approve", first, "--version", "2", **at)
    assert (stale.returncode, "has version 1" in stale.stderr) == (1, True)
    approved = orjson.loads(lethe("approve", first, "--version", "1", "--wait", "5", **at).stdout)
    assert approved["status"] == "completed"
    assert orjson.loads(lethe("deny", second, **at).stdout)["status"] == "denied"
    assert not gateway.told("Who is Berit Solan?")
    assert gateway.told("Who is Odo Brandt?")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("forget",), 2, "Missing argument"),
        (("forget", "A B", "--fact", "no value"), 2, "STATEMENT=VALUE"),
        (
            ("forget", "A B", "--passage", "/nonexistent"),
            1,
            "/nonexistent cannot be read: No such file",
        ),
        (("edit", "fr_1", "--patch", "/nonexistent"), 1, "cannot be read: No such file"),
        (("edit", "fr_1", "--patch", "/dev/null"), 1, "not valid JSON"),
        (("requests", ""), 1, "The ID is empty"),
        (("requests", "", "--notes"), 1, "The ID is empty"),
        (("pause", ""), 1, "The ID is empty"),
        (("recipients", "remove", ""), 1, "The ID is empty"),
        (("forget", "…"), 1, "subject.name"),
        (("lift", "fr_none"), 1, "no forget request"),
        (("approve", "fr_none"), 1, "no forget request"),
        (("deny", "fr_none"), 1, "no forget request"),
        (("requests", "--status", "odd"), 2, "--status"),
        (("forget", "A B", "--action", "odd"), 2, "--action"),
        (("forget", "the"), 1, "subject.name"),
        (("requests", "../status?"), 1, "There is no route"),
        (("requests", ".."), 1, "no forget request '..'"),
        (("lift", "x/../../status?"), 1, "There is no route"),
        (("sing",), 2, "No such command"),
    ],
)
def test_failures_say_what_is_wrong(
    at: Mapping[str, str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = lethe(*arguments, **at)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["null", "[]", '"x"'])
def test_a_patch_that_is_no_object_is_called_that(
    at: Mapping[str, str], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "patch.json"
    file.write_text(content)
    done = lethe("edit", "fr_1", "--patch", str(file), **at)
    assert (done.returncode, "must hold a JSON object" in done.stderr) == (1, True)


@pytest.mark.parametrize("command", [("list",), ("revoke", "key_1"), ("rotate-data-key",)])
def test_a_folder_without_a_store_stays_without(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = lethe("keys", *command, data_dir=str(tmp_path / "typo"))
    assert done.returncode == 1
    assert "LETHE_DATA_DIR" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_key_that_makes_a_store_tells_where(tmp_path: Path) -> None:
    """Issued in a wrong folder it is no key of the gateway's: who sees that knows why."""
    create = "keys", "create", "--role", "client"
    told = [lethe(*create, data_dir=str(tmp_path / "typo")).stderr for _ in range(2)]
    assert told == [f"There is no store in {tmp_path / 'typo'} yet: making one.\n", ""]


def test_no_gateway_and_no_key_name_the_way_out(at: Mapping[str, str]) -> None:
    nobody = lethe("requests", url="http://127.0.0.1:1")
    assert nobody.returncode == 1
    assert "LETHE_URL" in nobody.stderr
    assert "\n" not in nobody.stderr.strip()
    stranger = lethe("requests", url=at["url"])
    assert stranger.returncode == 1
    assert "LETHE_API_KEY" in stranger.stderr


@pytest.mark.parametrize("folder", ["file/x", "/proc/x"])
@pytest.mark.parametrize("command", [("serve",), ("keys", "list")])
def test_a_data_folder_that_cannot_be_used_is_told_in_one_sentence(
    tmp_path: Path, command: tuple[str, ...], folder: str
) -> None:
    (tmp_path / "file").write_text("")
    done = lethe(*command, data_dir=str(tmp_path / folder), upstreams="http://a", port="8099")
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert "LETHE_DATA_DIR" in told


class TestServe:
    """`lethe serve` that cannot start: one sentence with the way out, exit code 1."""

    def refused(self, told: str, **environment: str) -> None:
        done = lethe("serve", **environment)
        assert done.returncode == 1
        said = done.stderr.strip().splitlines()[-1]
        assert said.startswith("lethe: ")
        assert told in said
        assert "Traceback" not in done.stderr

    def test_without_upstream(self, tmp_path: Path) -> None:
        self.refused("LETHE_UPSTREAMS", data_dir=str(tmp_path))

    def test_port_in_use(self, tmp_path: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.refused(
                "LETHE_PORT",
                data_dir=str(tmp_path),
                upstreams="http://127.0.0.1:1",
                port=str(taken.getsockname()[1]),
            )

    def test_encoder_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        self.refused(
            "LETHE_ENCODER",
            data_dir=str(tmp_path),
            upstreams="http://127.0.0.1:1",
            port="8099",
            encoder="/nonexistent",
        )

    @pytest.mark.parametrize(
        ("parameter", "value"), [("maxmemory-policy", "allkeys-lru"), ("appendonly", "no")]
    )
    def test_redis_that_evicts_or_does_not_persist(
        self, tmp_path: Path, redis_url: str, data_key: str, parameter: str, value: str
    ) -> None:
        with redis.Redis.from_url(redis_url) as client:
            client.config_set("save", "")
            client.config_set(parameter, value)
        self.refused(
            "Redis",
            data_dir=str(tmp_path),
            data_key=data_key,
            redis_url=redis_url,
            upstreams="http://127.0.0.1:1",
            port="8099",
        )

    def test_redis_of_ones_own_needs_a_data_key(self, tmp_path: Path) -> None:
        self.refused(
            "LETHE_DATA_KEY",
            data_dir=str(tmp_path),
            redis_url="redis://127.0.0.1:1/0",
            upstreams="http://127.0.0.1:1",
            port="8099",
        )
