"""What docs/audit.md says works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gateway.audit.heads import signed_head
from gateway.registry.audit import Deed, genesis, link
from gateway.registry.status import Status
from gateway.signing import Signer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "audit.md").read_text()


def test_every_action_is_explained() -> None:
    named = set()
    for file in (ROOT / "gateway").rglob("*.py"):
        named |= set(re.findall(r'\b(?:Deed|Amendment)\(\s*"(\w+)"', file.read_text()))
    assert "filed" in named
    moved = set(Status) - {Status.IDENTITY_UNVERIFIED}  # nothing becomes that
    assert {action for action in named | moved if f"`{action}`" not in PAGE} == set()


def test_an_export_is_checked_without_lethe(tmp_path: Path) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    signer, head = Signer(bytes(32)), genesis("epoch")
    lines = []
    for action in ("filed", "lifted", "noted"):
        line, head = link(Deed(action, "key_é", "fr_1", details={"count": 1}), 1, head)
        lines.append(line)
    lines.append(signed_head("epoch", head, signer).line)
    file = tmp_path / "audit.jsonl"

    def run(key: str) -> subprocess.CompletedProcess[str]:
        file.write_bytes(b"\n".join(lines) + b"\n")
        command = [sys.executable, "-c", script, str(file), key]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert run(signer.public_key).stdout.startswith("3 entries, unaltered")
    assert run(Signer(b"f" * 32).public_key).returncode != 0
    lines[1] = lines[1].replace(b"lifted", b"denied")
    assert run(signer.public_key).returncode != 0
