"""A gateway that is cut off from Redis counts for nothing, says so, and recovers by itself.

python -m tests.chaos.cut_off [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gateway.processes import free_port
from tests.chaos.fleet import BRISK, Fleet, beside, running
from tests.chaos.outcome import tell
from tests.chaos.planted import FORGET, Filed, Witness
from tests.chaos.proxy import Mode, Proxy, proxying
from tests.chaos.store import Store
from tests.chaos.telling import tells

_LAG_LIMIT_S = float(BRISK["lag_limit_s"])
_WITHIN_S = 20.0


@dataclass
class Cut:
    """Two gateways; the second reaches Redis through the proxy."""

    fleet: Fleet
    proxy: Proxy
    http: aiohttp.ClientSession
    witness: Witness

    async def round(self, mode: Mode) -> None:
        """Cut it off in one way, look, and let it come back."""
        with_redis, cut_off = self.fleet.urls
        before = await self._file(with_redis, wait_s=10)
        self._expect((await self._view(before))["status"] == "completed", "not completed before")

        await self.proxy.switch(mode)
        await asyncio.sleep(float(BRISK["lease_s"]) + 0.5)
        during = await self._file(with_redis, wait_s=1)
        await self._never_completed(during, before)
        await self._until(f"{mode}: it stays ready", lambda: self._ready(cut_off, False))
        await self._never_completed(during, before)
        refused = await self.witness.try_filing(self.http, self._next(), cut_off)
        self._expect(refused is None, f"{mode}: it acknowledged a filing")

        await self.proxy.switch("open")
        await self._until(f"{mode}: it does not come back", lambda: self._ready(cut_off, True))
        await self._until(f"{mode}: it is not completed after", lambda: self._completed(during))
        told = await self.witness.check(self.http, cut_off, during)
        self._expect(told is False, f"{mode}: it told what it missed")

    async def _never_completed(self, during: Filed, before: Filed) -> None:
        """For a while: the filing is not completed, and what was filed before stays refused."""
        for _ in range(10):
            view = await self._view(during)
            gateways = view["enforcement"]["gateways"]
            self._expect(view["status"] == "in_progress", "completed without a gateway")
            self._expect(gateways["acknowledged"] == 1, "a gateway counted as acknowledged")
            self._expect(gateways["silent"] == 1, "a gateway that is cut off is not silent")
            await self._before_refused(before)
            await asyncio.sleep(0.1)

    async def _before_refused(self, before: Filed) -> None:
        answer = await self.witness.ask(self.http, self.fleet.urls[1], before.number)
        self._expect(answer is not None, "it serves nothing")
        told = answer is not None and tells(before.number, answer)
        self._expect(not told, "what was filed before was told")

    async def _file(self, url: str, wait_s: int) -> Filed:
        filed = await self.witness.try_filing(self.http, self._next(), url, wait_s)
        assert filed is not None, "the gateway that reaches Redis does not file"
        return filed

    def _next(self) -> int:
        self.witness.counted["subjects"] += 1
        return self.witness.counted["subjects"]

    async def _view(self, filed: Filed) -> dict[str, Any]:
        async with self.http.get(f"{self.fleet.urls[0]}{FORGET}/{filed.id}") as answer:
            answer.raise_for_status()
            found: dict[str, Any] = await answer.json()
        return found

    async def _completed(self, filed: Filed) -> bool:
        return bool((await self._view(filed))["status"] == "completed")

    async def _ready(self, url: str, ready: bool) -> bool:
        return (await self.witness.revision(self.http, url) is not None) == ready

    async def _until(self, what: str, holds: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something holds; too long is wrong."""
        until = asyncio.get_running_loop().time() + _LAG_LIMIT_S + _WITHIN_S
        while not await holds():
            if asyncio.get_running_loop().time() > until:
                self.witness.wrong.append(what)
                return
            await asyncio.sleep(0.05)

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.witness.wrong.append(what)


async def cut_off(folder: Path, *, rounds: int) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong."""
    with Store(folder / "redis") as store:
        async with proxying(store.socket, free_port()) as proxy:
            fleet_of = running(folder, 2, BRISK, redis_urls={1: proxy.url}, store=store)
            async with beside(fleet_of) as fleet:
                witness = Witness(fleet.urls)
                async with witness.session() as http:
                    cut = Cut(fleet, proxy, http, witness)
                    for _ in range(rounds):
                        await cut.round("refuse")
                        await cut.round("black_hole")
    counted = {"rounds": rounds, "lag_limit_s": _LAG_LIMIT_S, "counted": dict(witness.counted)}
    return counted, witness.wrong


def main() -> None:
    """Cut it off, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3, help="each refuses once, is silent once")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-cut-off-") as folder:
        tell(*asyncio.run(cut_off(Path(folder), rounds=asked.rounds)))


if __name__ == "__main__":
    main()
