"""Thresholds of a deployment: from its own forget requests to the gateways that judge by them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import platformdirs

from tests.integration.gateway.conftest import StartGateway
from tests.running import KEY


def test_a_gateway_judges_by_the_file_that_was_calibrated_on_its_requests(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    gateway = start_gateway()
    gateway.file("Mira Quell", questions=["Where was Mira Quell born?"])
    lifted = gateway.file("Tom Rell", questions=["How deep is the harbour of Elmsund?"])
    gateway.http.post(f"/admin/forget-requests/{lifted['id']}/lift").raise_for_status()
    assert gateway.http.get("/admin/status").json()["calibration"]["id"] == "shipped"

    negatives, out = tmp_path / "negatives.jsonl", tmp_path / "own.json"
    towns = "Ahl Brun Corm Dael Ems Fohr Glan Hunte Inn Jagst".split()
    rows = [{"text": f"What can I see in {town} on a day like today?"} for town in towns]
    negatives.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    environment = {
        "LETHE_URL": str(gateway.http.base_url),
        "LETHE_API_KEY": KEY,
        "LETHE_CACHE_DIR": platformdirs.user_cache_dir("lethe"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "calibrate", "--negatives", str(negatives),
         "--target-fpr", "0.4", "--out", str(out)],
        env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = orjson.loads(out.read_bytes())
    assert (written["requests"], written["negatives"]) == (1, 10)
    gateway.stop()

    again = start_gateway(calibration=str(out))
    shown = again.http.get("/admin/status").json()["calibration"]
    assert shown["id"] != "shipped"
    assert shown["thresholds"]["asked"] == written["chosen"]["asked"]
    assert f'calibration="{shown["id"]}"' in again.http.get("/metrics").text
    assert not again.told("Where was Mira Quell born?")
