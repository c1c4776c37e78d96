"""Gateways, Redis and the engine are killed at any instant while chats and filings go on.

python -m tests.chaos.kills [--kills 1000] [--engine-kills 20] [--gateways 3] [--engine] [--audit]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.stack import engine_child, trace
from gateway.bench.servers import resident_mib
from gateway.processes import Child, ChildFailed
from tests.chaos.fleet import Fleet, running
from tests.chaos.knowing import Demo, Stubbed
from tests.chaos.meanwhile import meanwhile
from tests.chaos.outcome import tell
from tests.chaos.planted import Witness
from tests.chaos.soak import UNTOWARD
from tests.chaos.store import read_ledger
from tests.running import KEY, Running

_GATEWAY_SHARE = 0.1
"""Of all kills but those of the engine; Redis is back in no time and takes the others."""

_CLIENTS = 3
"""Who files, and as many who ask."""

_FILE_S = 0.25
"""Between two filings of one officer: what is filed is loaded again after each kill."""

_MOST_MIB = 1_024
"""Memory of a gateway, whatever it has come through."""


@dataclass
class Storm:
    """Who is killed when; each comes back at once."""

    fleet: Fleet
    pause_s: float
    killed: Counter[str] = field(default_factory=Counter)
    rss_mib: float = 0.0
    start_s: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _up: set[int] = field(default_factory=set)

    async def rage(self, kills: int, engine_kills: int, start_engine: Callable[[], None]) -> None:
        """Kill so often, and return when all are back."""
        self._up = set(range(len(self.fleet.gateways)))
        async with asyncio.TaskGroup() as group:
            if engine_kills:
                pause_s = kills * self.pause_s / engine_kills
                group.create_task(self._kill_engine(engine_kills, pause_s, start_engine))
            for _ in range(kills):
                await asyncio.sleep(random.uniform(0, 2 * self.pause_s))
                if self._up and random.random() < _GATEWAY_SHARE:
                    group.create_task(self._kill_gateway(random.choice(sorted(self._up))))
                else:
                    await self._kill_redis()

    async def _kill_redis(self) -> None:
        self.fleet.store.kill()
        self.killed["redis"] += 1
        await asyncio.sleep(random.choice((0.0, random.uniform(0, 0.3))))
        await asyncio.to_thread(self.fleet.store.start)

    async def _kill_gateway(self, number: int) -> None:
        self._up.remove(number)
        gateway = self.fleet.gateways[number]
        self.rss_mib = max(self.rss_mib, resident_mib(gateway.child))
        gateway.child.kill()
        self.killed["gateway"] += 1
        began = time.monotonic()
        while not await asyncio.to_thread(_comes_up, gateway.child):
            self.wrong.append(f"a gateway did not start: {_last_line(gateway.child)}")
        self.start_s.append(time.monotonic() - began)
        self._up.add(number)

    async def _kill_engine(self, kills: int, pause_s: float, start: Callable[[], None]) -> None:
        for _ in range(kills):
            await asyncio.sleep(random.uniform(0, 2 * pause_s))
            self.fleet.upstream.kill()
            self.killed["engine"] += 1
            await asyncio.to_thread(start)


async def kills(
    folder: Path,
    *,
    kills: int,
    engine_kills: int,
    gateways: int = 3,
    pause_s: float = 0.7,
    engine: bool = False,
    audit: bool = False,
) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong."""
    upstream, started = None, None
    if engine:
        upstream = engine_child(folder / "engine.log")
        upstream[0].start()
        trace(upstream[1])
    try:
        with running(folder, gateways, upstream=upstream) as fleet:
            storm = Storm(fleet, pause_s)
            witness = Witness(fleet.urls, known=Demo() if engine else Stubbed())
            started = _start(fleet.upstream, upstream[1] if upstream else None)
            began = time.monotonic()
            async with witness.session() as http:
                filing = (witness.file_on(http, _FILE_S) for _ in range(_CLIENTS))
                asking = (witness.ask_on(http, seed) for seed in range(_CLIENTS))
                async with meanwhile(*filing, *asking):
                    await storm.rage(kills, engine_kills, started)
            raged_s = time.monotonic() - began
            return await _found(storm, witness, raged_s, audit=audit)
    finally:
        if upstream is not None:
            upstream[0].stop()


def _comes_up(child: Child) -> bool:
    try:
        child.start()
    except ChildFailed:
        return False
    return True


def _untoward(child: Child) -> int:
    """Lines of its log that no failure of Redis explains."""
    return sum(bool(UNTOWARD.search(line)) for line in child.log.read_text().splitlines())


def _last_line(child: Child) -> str:
    return child.log.read_text().rstrip().rpartition("\n")[2][:200]


def _start(child: Child, url: str | None) -> Callable[[], None]:
    def start() -> None:
        child.start()
        if url is not None:
            trace(url)

    return start


async def _found(
    storm: Storm, witness: Witness, raged_s: float, *, audit: bool
) -> tuple[dict[str, Any], list[str]]:
    """What is there once all is back, and whether it is whole."""
    fleet, filed = storm.fleet, len(witness.filed)
    for gateway in fleet.gateways:
        storm.rss_mib = max(storm.rss_mib, resident_mib(gateway.child))
    async with witness.session() as http:
        await _all_ready(http, witness)
        recovered = await witness.recovered(http)
    with fleet.store.client() as client:
        ledger = read_ledger(client)
    wrong = storm.wrong + witness.wrong
    if ledger.missing or ledger.epochs != 1:
        wrong.append(f"the ledger lacks {ledger.missing} and has {ledger.epochs} epochs")
    if ledger.broken:
        wrong.append(f"the audit chain is broken: {ledger.broken}")
    unaudited = sum(one.id not in ledger.audited for one in witness.filed)
    if unaudited:
        wrong.append(f"the audit does not tell of {unaudited} filings")
    if storm.rss_mib > _MOST_MIB:
        wrong.append(f"a gateway held {storm.rss_mib} MiB")
    if audit and (said := _audit(fleet.gateways[0])):
        wrong.append(f"lethe audit verify: {said}")
    counted = {
        "killed": dict(storm.killed),
        "seconds": round(raged_s, 1),
        "filings_per_s": round(filed / raged_s, 1),
        "counted": dict(witness.counted),
        "told_while_behind_s": round(witness.behind_s, 3),
        "gateway_start_s": round(max(storm.start_s, default=0.0), 1),
        "resident_mib": storm.rss_mib,
        "untoward_lines": sum(_untoward(gateway.child) for gateway in fleet.gateways),
        "recovered": recovered,
        "ledger": {
            "revision": ledger.revision,
            "missing": ledger.missing,
            "epochs": ledger.epochs,
            "audited": len(ledger.audited),
        },
    }
    return counted, wrong


async def _all_ready(http: Any, witness: Witness, within_s: float = 60.0) -> None:
    """Wait until all gateways are ready at one revision."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while True:
                found = [await witness.revision(http, url) for url in witness.urls]
                if None not in found and len(set(found)) == 1:
                    return
                await asyncio.sleep(0.1)
    witness.wrong.append(f"not all gateways were ready at one revision within {within_s:g} s")


def _audit(gateway: Running) -> str:
    """What `lethe audit verify` complains of; empty where nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "audit", "verify"],
        env={**os.environ, "LETHE_URL": str(gateway.http.base_url), "LETHE_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()[-300:]


def main() -> None:
    """Rage, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=1_000, help="of gateways and Redis")
    parser.add_argument("--engine-kills", type=int, default=20)
    parser.add_argument("--gateways", type=int, default=3)
    parser.add_argument("--pause", type=float, default=0.7, help="seconds between two, on average")
    parser.add_argument("--engine", action="store_true", help="vLLM on the demo model, no stub")
    parser.add_argument("--audit", action="store_true", help="ends with lethe audit verify")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-kills-") as folder:
        tell(
            *asyncio.run(
                kills(
                    Path(folder),
                    kills=asked.kills,
                    engine_kills=asked.engine_kills,
                    gateways=asked.gateways,
                    pause_s=asked.pause,
                    engine=asked.engine,
                    audit=asked.audit,
                )
            )
        )


if __name__ == "__main__":
    main()
