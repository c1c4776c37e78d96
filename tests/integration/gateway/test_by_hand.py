"""The commands of docs/requests.md, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.running import KEY, Running

DOC = (Path(__file__).parents[3] / "docs" / "requests.md").read_text()
_, _, BY_HAND = DOC.partition("\n## By hand\n")
LIFE, ENDS = re.findall(r"^```\n(.*?)^```", BY_HAND, re.MULTILINE | re.DOTALL)
(PEOPLE,) = re.findall(r"^```csv\n(.*?)^```", BY_HAND, re.MULTILINE | re.DOTALL)


def typed(gateway: Running, folder: Path, line: str) -> str:
    """What a line prints; fails where a shell would say that it failed."""
    line = re.sub(r"\blethe (?=[a-z])", f"{sys.executable} -m gateway.cli ", line)
    at = {"LETHE_URL": str(gateway.http.base_url), "LETHE_API_KEY": KEY}
    # The folder of the example is not that of the code.
    code = {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])}
    shell = ["bash", "-o", "pipefail", "-c", line]
    done = subprocess.run(
        shell, cwd=folder, env=os.environ | at | code, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def test_the_life_of_a_request_by_hand(gateway: Running, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE)
    first, *lines = LIFE.splitlines()
    filed = orjson.loads(typed(gateway, tmp_path, first))
    said = [typed(gateway, tmp_path, line.replace("fr_…", filed["id"])) for line in lines]
    assert "Mira Quell" in (tmp_path / "requests.csv").read_text()
    assert [orjson.loads(line)["status"] for line in said[-1].splitlines()] == [200, 200]
    one = gateway.http.get(f"/admin/forget-requests/{filed['id']}").json()
    assert (one["status"], one["subject"]["aliases"]) == ("lifted", ["M. Quell"])
    assert one["expected_completion_time"] > filed["expected_completion_time"]


@pytest.mark.parametrize("line", ENDS.splitlines())
def test_what_waits_is_ended_by_hand(gateway: Running, tmp_path: Path, line: str) -> None:
    unverified = {"subject": {"name": "Mira Quell"}, "identity_verified": False}
    filed = gateway.http.post("/admin/forget-requests", json=unverified).json()
    done = orjson.loads(typed(gateway, tmp_path, line.replace("fr_…", filed["id"])))
    assert done["status"] in {"denied", "cancelled"}


def test_what_is_said_of_filters_and_approvals(gateway: Running) -> None:
    body = {"subject": {"name": "Ines Tarrow", "aliases": ["I. Tarrow"]}}
    path, waits = "/admin/forget-requests", {"wait": 5}
    filed = gateway.http.post(path, json=body, params=waits).json()

    def found(**query: str) -> bool:
        items = gateway.http.get(path, params=query).json()["items"]
        return filed["id"] in [item["id"] for item in items]

    assert found(subject="ines tarrow")
    assert not found(subject="I. Tarrow")
    day = filed["received_time"][:10]
    assert found(subject="Ines Tarrow", received_since=day)
    assert not found(subject="Ines Tarrow", received_since=day, received_until=day)
    events = gateway.http.get(f"{path}/{filed['id']}/events").json()
    again = gateway.http.post(f"{path}/{filed['id']}/approve")
    assert (again.status_code, again.json()["status"]) == (200, "completed")
    assert gateway.http.get(f"{path}/{filed['id']}/events").json() == events
