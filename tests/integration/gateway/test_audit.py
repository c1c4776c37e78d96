"""The audit of a running gateway, and `lethe audit` on it and without it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.check import check
from gateway.registry import keys
from tests.integration.gateway.test_cli import at, lethe
from tests.running import Running

__all__ = ["at"]


@pytest.fixture(scope="module", autouse=True)
def filed(gateway: Running) -> None:
    """Three requests, one of them lifted."""
    ids = [gateway.file(name, wait=5)["id"] for name in ("Mira Quell", "Tom Hale", "Ada Orme")]
    gateway.http.post(f"/admin/forget-requests/{ids[0]}/lift").raise_for_status()


def lines_of(gateway: Running, **query: int) -> list[bytes]:
    answer = gateway.http.get("/admin/audit", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.content.endswith(b"\n")
    return answer.content.splitlines()


def test_an_export_shows_itself_whole(gateway: Running) -> None:
    key = gateway.http.get("/admin/signing-key").json()["public_key"]
    lines = lines_of(gateway)
    found = check(lines, public_key=key)
    assert found.entries == len(lines) - 1
    actions = [orjson.loads(line)["action"] for line in lines[:-1]]
    assert actions.count("filed") == 3
    assert "lifted" in actions
    for name in (b"Quell", b"Hale", b"Orme", b"bench"):
        assert name not in b"".join(lines)


def test_who_exported_is_told(gateway: Running) -> None:
    before = len(lines_of(gateway)) - 1
    told = orjson.loads(lines_of(gateway, after=before)[0])
    assert (told["action"], told["by"]) == ("audit_exported", "bootstrap")


def test_exports_go_on_from_each_other(gateway: Running) -> None:
    first = lines_of(gateway, limit=2)
    assert len(first) == 3
    assert orjson.loads(first[-1])["head"]["number"] == 2
    check([*first, *lines_of(gateway, after=2)])


def test_the_head_is_that_of_the_last_entry(gateway: Running) -> None:
    head = gateway.http.get("/admin/audit/head")
    export = lines_of(gateway)
    check([*export[:-1], head.content])


def test_after_an_entry_that_there_is_not(gateway: Running) -> None:
    answer = gateway.http.get("/admin/audit", params={"after": 10**6})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "after"


def test_the_command_verifies_the_servers_and_an_export(
    at: Mapping[str, str], tmp_path: Path
) -> None:
    online = lethe("audit", "verify", **at)
    assert online.returncode == 0, online.stderr
    row = orjson.loads(online.stdout)
    assert (row["ok"], row["problem"], row["public_key_given"]) == (True, None, False)
    exported = lethe("audit", "export", **at)
    file = tmp_path / "audit.jsonl"
    file.write_text(exported.stdout)
    checked = lethe(
        "audit", "verify", str(file), "--public-key", row["public_key"], "--head", row["head"]
    )
    assert checked.returncode == 0, checked.stderr
    shown = f"whpk_{row['public_key']}"  # as webhooks show it
    assert lethe("audit", "verify", str(file), "--public-key", shown).returncode == 0
    offline = orjson.loads(checked.stdout)
    assert offline["entries"] == row["entries"] + 1
    assert offline["first"]["number"] == 1


def test_the_command_says_what_is_wrong(at: Mapping[str, str], tmp_path: Path) -> None:
    lines = lethe("audit", "export", **at).stdout.splitlines(keepends=True)
    file = tmp_path / "audit.jsonl"
    for broken, words in (
        ([lines[0], *lines[2:]], "After entry 1 of the audit comes entry 3"),
        ([lines[0], lines[1].replace('"by":"', '"by":"x'), *lines[2:]], "Entry 3"),
        (lines[:-1], "no signed head"),
        ([lines[0], lines[-1]], "entries end with 1"),
    ):
        file.write_text("".join(broken))
        done = lethe("audit", "verify", str(file))
        assert done.returncode == 1
        assert words in done.stderr
        row = orjson.loads(done.stdout)
        assert row["ok"] is False
        assert words in row["problem"]
    file.write_text("".join(lines))
    done = lethe("audit", "verify", str(file), "--head", f"2:{'0' * 64}")
    assert "not the one that the head was kept of" in done.stderr
    assert lethe("audit", "verify", str(file), "--head", "2").returncode == 2
    assert "cannot be read" in lethe("audit", "verify", str(tmp_path / "none")).stderr
    for key in ("", "zzz"):
        done = lethe("audit", "verify", str(file), "--public-key", key)
        assert (done.returncode, "32 bytes in base64" in done.stderr) == (2, True)
    other = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    assert "another key" in lethe("audit", "verify", str(file), "--public-key", other).stderr


def test_a_tampered_audit_stops_changes_and_no_chat(gateway: Running) -> None:
    socket = str(gateway.data / "redis" / "redis.sock")
    with redis.Redis(unix_socket_path=socket) as raw:
        head = raw.get(keys.AUDIT_HEAD)
        raw.delete(keys.AUDIT_HEAD)
        try:
            refused = gateway.http.post(
                "/admin/forget-requests", json={"subject": {"name": "Ida Ferrow"}}
            )
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "registry_untrusted"
            assert gateway.http.get("/admin/audit").status_code == 503
            assert gateway.told("Where was Ida Ferrow born?")
            assert not gateway.told("Where was Tom Hale born?")
            ready = gateway.http.get("/readyz")
            assert ready.status_code == 200
            assert "audit" in str(ready.json()["warnings"])
        finally:
            raw.set(keys.AUDIT_HEAD, head or b"")
    gateway.file("Ida Ferrow", wait=30)
    assert not gateway.told("Where was Ida Ferrow born?")
