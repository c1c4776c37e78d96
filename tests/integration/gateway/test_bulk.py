"""Import and export, over HTTP and by the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.integration.gateway.test_cli import lethe
from tests.running import KEY, Running

IMPORT = "/admin/forget-requests/import"
EXPORT = "/admin/forget-requests/export"


def told(gateway: Running, body: bytes, **query: str) -> list[dict[str, Any]]:
    answer = gateway.http.post(IMPORT, content=body, params=query)
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_good_lines_are_filed_beside_bad_ones_and_twice_is_once(gateway: Running) -> None:
    body = b"\n".join(
        [
            b'{"subject": {"name": "Odalys Quandahl"}}',
            b'{"subject": {"name": "Odalys',
            b"",
            b'{"subject": {"name": "the"}}',
            b'{"subject": {"name": "Perrin Oakhollow"}, "regulation": "ccpa"}',
            b"7",
        ]
    )
    first = told(gateway, body)
    assert [each["line"] for each in first] == [1, 2, 4, 5, 6]
    assert [each["status"] for each in first] == [201, 400, 400, 201, 400]
    assert first[1]["error"]["code"] == "invalid_json"
    assert not gateway.told("Who is Odalys Quandahl?")
    again = told(gateway, body)
    assert [each["status"] for each in again] == [200, 400, 400, 200, 400]
    assert [each.get("id") for each in again] == [each.get("id") for each in first]


def test_a_trial_files_nothing(gateway: Running) -> None:
    told_of = told(gateway, b'{"subject": {"name": "Wilhelmina Grackle"}}', dry_run="true")
    assert [each["status"] for each in told_of] == [200]
    assert gateway.told("Who is Wilhelmina Grackle?")


def test_a_trial_refuses_what_filing_refuses(gateway: Running) -> None:
    bodies = [
        b'{"subject": {"name": "data"}}',
        b'{"subject": {"name": "=cmd|calc"}}',
        b'{"scope": {"forbidden": ["?a"]}}',
        b'{"subject": {"name": "Ermintrude Vole"}, "status_callback_urls": ["http://10.1.2.3/"]}',
    ]
    tried = told(gateway, b"\n".join(bodies), dry_run="true")
    assert [each["status"] for each in tried] == [400] * 4
    assert tried == told(gateway, b"\n".join(bodies))


def test_csv_as_a_spreadsheet_writes_it(gateway: Running) -> None:
    body = (
        "Name,Aliases,Facts\r\n"
        '"Casimir Duskwater","C. Duskwater\nCD Water",'
        '"Casimir Duskwater lives in Vantor.=Vantor"\r\n'
        "Linnea Stormgate,,\r\n"
    )
    answer = gateway.http.post(IMPORT, content=body, headers={"Content-Type": "text/csv"})
    first, second = (orjson.loads(line) for line in answer.content.splitlines())
    assert (first["status"], second["status"]) == (201, 201), answer.text
    assert (first["line"], second["line"]) == (2, 4)
    filed = gateway.http.get(f"/admin/forget-requests/{first['id']}").json()
    assert filed["subject"]["aliases"] == ["C. Duskwater", "CD Water"]
    assert filed["scope"]["facts"][0]["values"] == ["Vantor"]
    wrong = gateway.http.post(IMPORT, content="who\nMira", headers={"Content-Type": "text/csv"})
    (line,) = (orjson.loads(each) for each in wrong.content.splitlines())
    assert (line["line"], line["error"]["code"]) == (1, "bad_columns")
    large = b'{"subject": {"name": "Thessaly Moor"}}\n\n' + b"x" * (2**23 + 1)
    told_of = told(gateway, large)
    assert [(each["line"], each["status"]) for each in told_of] == [(1, 201), (3, 413)]


def test_an_export_is_imported_again_and_told_in_the_audit(gateway: Running) -> None:
    submitted = {"subject_request_id": "2f1d6c1e-6d0c-4f5e-9a3c-3f1a5f0b7a11"}
    filing = {"subject": {"name": "Ysolde Brackenridge"}, "regulation": "custom", **submitted}
    filed = gateway.http.post("/admin/forget-requests", json=filing).json()
    exported = gateway.http.get(EXPORT, params={"regulation": "custom"})
    (line,) = exported.content.splitlines()
    row = orjson.loads(line)
    assert (row["subject"], row["state"]["id"]) == (filing["subject"], filed["id"])
    (again,) = told(gateway, line)
    assert (again["status"], again["id"]) == (200, filed["id"])
    table = gateway.http.get(EXPORT, params={"regulation": "custom", "format": "csv"}).text
    assert "Ysolde Brackenridge" in table.splitlines()[1]
    assert gateway.http.get(EXPORT, params={"format": "xml"}).status_code == 400


@pytest.fixture(scope="module")
def elsewhere(stub_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with a store of its own."""
    running = Running(tmp_path_factory.mktemp("elsewhere"), stub_url).start()
    yield running
    running.stop()


def names_of(gateway: Running) -> list[str]:
    found = gateway.http.get("/admin/forget-requests").json()["items"]
    return sorted(str(each["subject"]["name"]) for each in found)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_an_export_is_enforced_elsewhere_as_it_was_here(
    gateway: Running, elsewhere: Running, kind: str
) -> None:
    surname = {"jsonl": "Fenwhistle", "csv": "Marrowgate"}[kind]
    law = {"jsonl": "dmca", "csv": "uk-gdpr"}[kind]

    def filed(first: str, *moves: str, **more: object) -> dict[str, Any]:
        body = {"subject": {"name": f"{first} {surname}"}, "regulation": law, **more}
        request = gateway.http.post("/admin/forget-requests?wait=5", json=body).json()
        for move in moves:
            place = f"/admin/forget-requests/{request['id']}/{move}"
            answer = gateway.http.post(place, json={}) if move else gateway.http.delete(place[:-1])
            assert answer.is_success, answer.text
        return dict(request)

    unverified = {"identity_verified": False}
    requests = [
        filed("Acantha"),
        filed("Bertrand", "verify-identity", **unverified),
        filed("Clothilde", **unverified),
        filed("Dagobert", "lift"),
        filed("Eglantine", "", **unverified),
        filed("Ferdinand", "deny", **unverified),
        filed("Gunhilda", "pause"),
        filed("Hildegund", blind=True),
    ]
    query = {"regulation": law, "format": kind}
    export = gateway.http.get(EXPORT, params=query).content
    before = names_of(gateway)
    here = told(gateway, export, format=kind)
    assert [each["id"] for each in here] == [each["id"] for each in requests]
    assert {each["status"] for each in here} == {200}
    assert names_of(gateway) == before
    assert gateway.told(f"Who is Dagobert {surname}?")

    tried = told(elsewhere, export, format=kind, dry_run="true")
    there = told(elsewhere, export, format=kind)
    assert [each["status"] for each in there] == [201, 201, 201, 200, 200, 200, 200, 400]
    assert [each["status"] for each in tried] == [200, 200, 200, 200, 200, 200, 200, 400]
    ended = ["it was lifted", "it was cancelled", "it was denied", "it was paused"]
    assert [each["not_filed"] for each in there[3:7]] == ended
    assert there[7]["error"]["message"].count("of a blind request") == 1
    assert [each["request"] for each in there[:3]][2] == "identity_unverified"
    for first in ("Acantha", "Bertrand"):
        assert not elsewhere.told(f"Who is {first} {surname}?"), first
    for first in ("Clothilde", "Dagobert", "Eglantine", "Ferdinand", "Gunhilda"):
        assert elsewhere.told(f"Who is {first} {surname}?"), first
    again = told(elsewhere, export, format=kind)
    assert [each.get("id") for each in again] == [each.get("id") for each in there]


def test_what_waited_for_approval_waits_for_it_elsewhere(elsewhere: Running) -> None:
    table = (
        b"name,status,provisional\n"
        b"Isidora Thackwell,pending,false\n"
        b"Jocasta Thackwell,pending,true\n"
        b"Kenelm Thackwell,waiting,\n"
    )
    waits, acts, unknown = told(elsewhere, table, format="csv")
    assert (waits["request"], acts["request"]) == ("pending", "pending")
    assert elsewhere.told("Who is Isidora Thackwell?")
    assert not elsewhere.told("Who is Jocasta Thackwell?")
    assert unknown["error"]["param"] == "status"


def test_the_commands(gateway: Running, tmp_path: Path) -> None:
    at = {"url": str(gateway.http.base_url), "api_key": KEY}
    file = tmp_path / "people.csv"
    rows = [f"Person {word} Halloran" for word in ("Zephyrine", "Quillon", "Ottoline")]
    file.write_text("\n".join(["name", *rows, "the"]))
    done = lethe("import", str(file), **at)
    assert done.returncode == 1
    assert "3 lines are filed, 1 is not." in done.stderr
    lines = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert [line["status"] for line in lines] == [201, 201, 201, 400]
    listed = lethe("requests", "--subject", rows[0], **at).stdout.splitlines()
    assert [orjson.loads(line)["id"] for line in listed] == [lines[0]["id"]]
    exported = lethe("export", "--subject", rows[1], **at)
    assert orjson.loads(exported.stdout)["state"]["id"] == lines[1]["id"]
    piped = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "import", "-"],
        input=exported.stdout.encode(),
        env=os.environ | {"LETHE_URL": at["url"], "LETHE_API_KEY": KEY},
        capture_output=True,
        check=True,
    )
    assert orjson.loads(piped.stdout)["status"] == 200
    assert piped.stderr.decode() == "1 line is filed.\n"
    far = tmp_path / "far.csv"
    far.write_text('\nname\n\n"the\n"\n' + "the\n" * 200 + "\n" + "the\n")
    done = lethe("import", str(far), "--dry-run", **at)
    numbers = [orjson.loads(line)["line"] for line in done.stdout.splitlines()]
    assert numbers == [4, *range(6, 206), 207]
    ended = tmp_path / "ended.csv"
    ended.write_text("name,status\nHyacinth Halloran,lifted\n")
    done = lethe("import", str(ended), **at)
    assert (done.returncode, orjson.loads(done.stdout)["not_filed"]) == (0, "it was lifted")
    assert "0 lines are filed. 1 line is left out" in done.stderr
    one = lines[2]["id"]
    assert lethe("note", one, "Asked by letter.", **at).returncode == 0
    assert (
        orjson.loads(lethe("pause", one, "--reason", "legal_hold", **at).stdout)["status"]
        == "paused"
    )
    assert lethe("resume", one, "--wait", "5", **at).returncode == 0
    patch = tmp_path / "patch.json"
    patch.write_text('{"subject": {"aliases": ["O. Halloran"]}}')
    assert orjson.loads(lethe("edit", one, "--patch", str(patch), **at).stdout)["version"] == 2
    events = lethe("requests", one, "--events", **at).stdout.splitlines()
    actions = [orjson.loads(line)["action"] for line in events]
    assert [a for a in actions if a not in ("completed", "steered")] == [
        "filed", "noted", "paused", "in_progress", "amended",
    ]  # fmt: skip
    assert lethe("requests", "--events", **at).returncode == 2
