"""Asks PyPI for known vulnerabilities of every pinned package; `make audit` runs it.

Exit codes: 0 nothing that could be mended, 1 a vulnerability that another version mends, 3 not
audited: the service cannot be reached or does not know the packages. pip-audit itself says then
"No known vulnerabilities found", which would be taken for an answer.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PINS = (ROOT / "deploy" / "constraints.txt", ROOT / "deploy" / "encoder.txt")
IGNORED = ROOT / "deploy" / "audit-ignored.txt"


class Found(NamedTuple):
    """A known vulnerability of a pinned package, and the versions that mend it."""

    package: str
    id: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended yet"
        return f"{self.package}: {self.id}, {mended}"


class Audit(NamedTuple):
    """What pip-audit has found out: how many packages it knows, which it does not."""

    audited: int
    skipped: tuple[str, ...]
    found: tuple[Found, ...]


def main() -> int:
    """Audit, tell, and give the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--if-reachable", action="store_true", help="exit 0 where the service cannot tell"
    )
    unaudited = 0 if parser.parse_args().if_reachable else 3
    report, trouble = asked(pins(PINS), ignored(IGNORED.read_text()))
    if report is None:
        print(f"NOT AUDITED: pip-audit gave no report ({trouble}).")
        return unaudited
    audit = judged(report)
    for found in audit.found:
        print(found)
    if any(found.fixed_in for found in audit.found):
        print("Raise these pins, or say in deploy/audit-ignored.txt why not.")
        return 1
    if audit.skipped:
        print(
            f"NOT AUDITED: the vulnerability service does not know {len(audit.skipped)} of "
            f"{len(audit.skipped) + audit.audited} packages, such as {audit.skipped[0]}. Ask again "
            "where https://pypi.org/pypi/NAME/VERSION/json can be reached."
        )
        return unaudited
    print(f"{audit.audited} packages audited.")
    return 0


def pins(files: Iterable[Path]) -> list[str]:
    """The lines `name==version` of requirement files, without what follows a pin."""
    lines = (line for file in files for line in file.read_text().splitlines())
    named = (line.partition("#")[0].split() for line in lines)
    return [words[0] for words in named if words]


def ignored(text: str) -> list[str]:
    """The ids that are not to be told; raises `ValueError` for one without a reason."""
    ids = []
    for line in text.splitlines():
        name, _, reason = line.partition("#")
        if name.strip():
            if not reason.strip():
                raise ValueError(f"{name.strip()} is ignored without a reason: write ID # reason")
            ids.append(name.strip())
    return ids


def asked(pinned: list[str], ignore: list[str]) -> tuple[Mapping[str, Any] | None, str]:
    """pip-audit's report, None where there is none, and the last thing that it said."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(pinned))
        file.flush()
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--no-deps", "-r", file.name]
        command += ["--format", "json", "--progress-spinner", "off"]
        for name in ignore:
            command += ["--ignore-vuln", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    said = done.stderr.strip().splitlines()[-1:]
    try:
        return json.loads(done.stdout), ""
    except json.JSONDecodeError:
        return None, said[0] if said else f"exit code {done.returncode}"


def judged(report: Mapping[str, Any]) -> Audit:
    """What a report says."""
    skipped, found, audited = [], [], 0
    for package in report["dependencies"]:
        if "skip_reason" in package:
            skipped.append(package["name"])
            continue
        audited += 1
        name = f"{package['name']} {package['version']}"
        found += [Found(name, v["id"], tuple(v["fix_versions"])) for v in package["vulns"]]
    return Audit(audited, tuple(skipped), tuple(found))


if __name__ == "__main__":
    sys.exit(main())
