"""Redis is away for minutes: chats are served as before and enforced, filings wait.

python -m tests.chaos.outage [--seconds 300] [--per-s 20] [--most-ratio 1.2]
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from gateway.bench.load import run_at
from gateway.bench.prompts import chat_bodies
from gateway.bench.report import percentile
from gateway.bench.servers import MODEL
from gateway.settings import Settings
from tests.chaos.fleet import Fleet, beside, running
from tests.chaos.meanwhile import meanwhile
from tests.chaos.outcome import tell
from tests.chaos.planted import FORGET, Filed, Witness
from tests.chaos.telling import planted, tells

_FILED = 50
_WITHIN_S = Settings.model_fields["redis_timeout_s"].default + 1.5
"""Within which a filing is refused: the time-out of Redis, and what comes before it."""

_BACK_S = 10.0
"""Within which filings are taken again after Redis is back."""


@dataclass
class Outage:
    """One gateway under a steady load of chats, and its Redis."""

    fleet: Fleet
    http: aiohttp.ClientSession
    witness: Witness
    per_s: float
    counted: Counter[str] = field(default_factory=Counter)
    refused_s: list[float] = field(default_factory=list)
    back_s: list[float] = field(default_factory=list)

    async def of(
        self, seconds: float, begin: Callable[[], None], end: Callable[[], Awaitable[None]]
    ) -> dict[str, float]:
        """Chats before and during an outage: their 99th percentiles, and the ratio."""
        before = await self._load(seconds, filed=201)
        begin()
        during = await self._load(seconds, filed=503)
        await end()
        await self._recovers()
        p99 = percentile(before, 99), percentile(during, 99)
        return {
            "before_p99_ms": p99[0],
            "during_p99_ms": p99[1],
            "p99_ratio": round(p99[1] / p99[0], 3),
        }

    async def _load(self, seconds: float, filed: int) -> list[float]:
        """Seconds that chats took, beside questions about what is filed, and filings."""
        self.counted["loads"] += 1
        bodies = functools.partial(
            chat_bodies,
            round(seconds * self.per_s),
            MODEL,
            stream=False,
            seed=self.counted["loads"],
        )
        async with meanwhile(self._ask_meanwhile(), self._file_meanwhile(filed)):
            return (await run_at(self.fleet.urls[0], bodies, per_s=self.per_s)).total_s

    async def _ask_meanwhile(self) -> None:
        """Ask for one after the other of what was filed."""
        while True:
            for filed in list(self.witness.filed):
                await self._enforced(filed)
                await asyncio.sleep(0.2)

    async def _enforced(self, filed: Filed) -> None:
        answer = await self.witness.ask(self.http, self.fleet.urls[0], filed.number)
        self.counted["asked"] += 1
        if answer is None:
            self.witness.wrong.append("a chat was not served")
        elif tells(filed.number, answer):
            self.witness.wrong.append("what was filed was told")

    async def _file_meanwhile(self, expected: int) -> None:
        """Try to file: taken before; 503 in the outage, and soon."""
        while True:
            status, took_s = await self._file()
            if status == 503:
                self.refused_s.append(took_s)
            if status != expected:
                self.witness.wrong.append(f"a filing was answered {status}, not {expected}")
            await asyncio.sleep(1.0)

    async def _file(self) -> tuple[int, float]:
        self.counted["subjects"] += 1
        body = planted(10_000 + self.counted["subjects"])
        began = time.monotonic()
        async with self.http.post(self.fleet.urls[0] + FORGET, json=body) as answer:
            await answer.read()
        return answer.status, time.monotonic() - began

    async def _recovers(self) -> None:
        """Filings are taken again, by the same process."""
        began = time.monotonic()
        while (await self._file())[0] != 201:
            if time.monotonic() - began > _BACK_S + _WITHIN_S:
                self.witness.wrong.append("filings are not taken again")
                return
            await asyncio.sleep(0.1)
        self.back_s.append(round(time.monotonic() - began, 2))


async def outage(
    folder: Path, *, seconds: float, per_s: float, most_ratio: float
) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong: Redis stopped by a signal, then killed."""
    async with beside(running(folder, 1)) as fleet:
        witness, store = Witness(fleet.urls), fleet.store
        async with witness.session() as http:
            for _ in range(_FILED):
                await witness.file(http)
            found = Outage(fleet, http, witness, per_s)
            await found._load(2.0, filed=201)  # the first answers take longer

            async def go_on() -> None:
                store.signal(signal.SIGCONT)

            async def start() -> None:
                await asyncio.to_thread(store.start)

            stop = functools.partial(store.signal, signal.SIGSTOP)
            modes = {
                "stopped": await found.of(seconds, stop, go_on),
                "killed": await found.of(seconds, store.kill, start),
            }
            recovered = await witness.recovered(http)
    for mode, times in modes.items():
        if times["p99_ratio"] > most_ratio:
            witness.wrong.append(f"{mode}: the 99th percentile is {times['p99_ratio']} times")
    slowest = max(found.refused_s)
    if slowest > _WITHIN_S:
        witness.wrong.append(f"a filing was refused after {slowest:.1f} s only")
    counted = {
        "seconds": seconds,
        "chats_per_s": per_s,
        **modes,
        "asked": found.counted["asked"],
        "filings_refused": len(found.refused_s),
        "slowest_refusal_s": round(slowest, 2),
        "filings_taken_again_s": found.back_s,
        "recovered": recovered,
    }
    return counted, witness.wrong


def main() -> None:
    """Take Redis away, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300, help="of each outage")
    parser.add_argument("--per-s", type=float, default=20, help="chats a second")
    parser.add_argument("--most-ratio", type=float, default=1.2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-outage-") as folder:
        found = outage(
            Path(folder),
            seconds=asked.seconds,
            per_s=asked.per_s,
            most_ratio=asked.most_ratio,
        )
        tell(*asyncio.run(found))


if __name__ == "__main__":
    main()
