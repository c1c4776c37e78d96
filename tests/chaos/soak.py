"""A gateway under mixed traffic for long: nothing grows, nothing is lost, nothing is logged.

python -m tests.chaos.soak [--minutes 30]
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx

from gateway.bench.servers import resident_mib, server, url
from gateway.processes import Child
from tests.chaos.traffic import Traffic
from tests.running import Running

_GROWTH_MIB = 16
"""What a gateway may grow by in the second half: its caches fill slowly."""

_DESCRIPTORS = 16
"""Connections come and go."""

UNTOWARD = re.compile(
    r"ERROR|CRITICAL|Traceback|never (retrieved|awaited)|was destroyed|Unclosed|Warning"
)


@dataclass
class Soaked:
    """What was seen while it ran, a sample at a time, and what was counted at its end."""

    memory_mib: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    logged: list[str] = field(default_factory=list)

    def problems(self, traffic: Traffic) -> list[str]:
        """What is wrong, in sentences."""
        found = [f"{what} ({traffic.wrong.count(what)} times)" for what in set(traffic.wrong)]
        found += [f"logged: {line}" for line in self.logged]
        if (grown := _grown(self.memory_mib)) > _GROWTH_MIB:
            found.append(f"memory grew by {grown:.0f} MiB: {self.memory_mib}")
        if (more := _grown(self.descriptors)) > _DESCRIPTORS:
            found.append(f"there are {more:.0f} more file descriptors: {self.descriptors}")
        # Whoever leaves was answered just before, is counted as aborted, or has not even asked.
        sent, left, allowed = (
            traffic.sent["answered"],
            traffic.sent["left"],
            self.outcomes["allowed"],
        )
        if not sent - left <= allowed <= sent - self.outcomes["aborted"]:
            found.append(f"of {sent} requests {left} were left, counted were {self.outcomes}")
        if self.outcomes["enforced"] != traffic.sent["refused"]:
            found.append(f"{traffic.sent['refused']} were refused, counted were {self.outcomes}")
        return found + [f"{name}: {self.outcomes[name]}" for name in _never(self.outcomes)]


async def soak(folder: Path, minutes: float) -> tuple[Traffic, Soaked]:
    """Run the traffic against a gateway of its own; its last word is the caller's."""
    soaked = Soaked()
    with server("gateway.bench.talking", folder) as stub:
        async with httpx.AsyncClient(base_url=url(stub)) as control:
            await control.post("/control", json={"mode": "slow", "delay_s": 0.002})
        gateway = Running(folder / "gateway", url(stub))
        gateway.child.environment["PYTHONWARNINGS"] = "default"
        try:
            gateway.start()
            traffic = Traffic(str(gateway.http.base_url))
            watching = asyncio.create_task(_watch(gateway.child, minutes * 60 / 40, soaked))
            await traffic.flow(minutes * 60)
            await asyncio.sleep(1.0)  # who has left is noticed after a moment
            watching.cancel()
            metrics = gateway.http.get("/metrics").text
            soaked.outcomes = {
                name: int(float(count))
                for name, count in re.findall(
                    r'lethe_requests_total\{outcome="(\w+)"\} (\S+)', metrics
                )
            }
        finally:
            gateway.stop()
        log = gateway.child.log.read_text().splitlines()
        soaked.logged = [line for line in log if UNTOWARD.search(line)]
        return traffic, soaked


async def _watch(child: Child, every_s: float, soaked: Soaked) -> None:
    while True:
        await asyncio.sleep(every_s)
        soaked.memory_mib.append(resident_mib(child))
        soaked.descriptors.append(_descriptors(child))


def _descriptors(child: Child) -> int:
    assert child.process is not None
    return len(list(Path(f"/proc/{child.process.pid}/fd").iterdir()))


def _grown(samples: Sequence[float]) -> float:
    """How much more the last quarter has than the second."""
    quarter = max(1, len(samples) // 4)
    return median(samples[-quarter:]) - median(samples[quarter : 2 * quarter])


def _never(outcomes: dict[str, int]) -> list[str]:
    return [name for name in ("bypassed_error", "forget_intent") if outcomes[name]]


def main() -> None:
    """Soak, and tell; exit code 1 where something was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="lethe-soak-") as folder:
        traffic, soaked = asyncio.run(soak(Path(folder), minutes))
    print(f"sent: {dict(traffic.sent)}; counted: {soaked.outcomes}")
    print(f"memory, MiB: {soaked.memory_mib}")
    print(f"file descriptors: {soaked.descriptors}")
    problems = soaked.problems(traffic)
    print("\n".join(problems) or "Nothing grew, nothing was lost, nothing was logged.")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
