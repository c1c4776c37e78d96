"""A gateway that is paused catches up before its first answer, whatever was filed meanwhile.

python -m tests.chaos.paused [--rounds 1] [--seconds 60] [--lease 5]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from gateway.bench.prompts import chat_bodies
from gateway.bench.servers import MODEL, url
from tests.chaos.fleet import Fleet, running
from tests.chaos.outcome import tell
from tests.chaos.planted import Filed, Witness
from tests.chaos.telling import tells
from tests.running import Running

_FILED = 10
"""Filings during a pause; each is asked for before it is filed, right after, and at the end."""

_EARLY_S = 0.2
_SLOW = {"mode": "slow", "delay_s": 0.2, "chunks": 5}
"""An engine that takes a second for an answer."""

_WHOLE, _BEGUN = "in flight", "in a stream"
_PATIENCE_S = 600.0


async def paused(
    folder: Path, *, rounds: int, seconds: float, lease_s: float = 5.0
) -> tuple[dict[str, Any], list[str]]:
    """What was counted, and what was wrong. `seconds` must outlast the lease."""
    settings = {"lease_s": str(lease_s), "redis_timeout_s": str(min(2.0, (lease_s - 1) / 2))}
    with running(folder, 2, settings) as fleet:
        witness = Witness(fleet.urls[:1])
        async with witness.session() as http:
            for _ in range(rounds):
                await _round(fleet, witness, http, seconds)
            recovered = await Witness(
                fleet.urls, filed=witness.filed, wrong=witness.wrong
            ).recovered(http)
    counted = {
        "rounds": rounds,
        "seconds": seconds,
        "lease_s": lease_s,
        "counted": dict(witness.counted),
        "recovered": recovered,
    }
    return counted, witness.wrong


async def _round(
    fleet: Fleet, witness: Witness, http: aiohttp.ClientSession, seconds: float
) -> None:
    """Pause the second gateway, file at the first, let it go on and read what it says."""
    sleeper, loop = fleet.gateways[1], asyncio.get_running_loop()
    first = witness.first + witness.counted["subjects"]
    in_flight = await _in_flight(fleet, witness, first)
    sleeper.signal(signal.SIGSTOP)
    until = loop.time() + seconds
    waiting: list[asyncio.Task[None]] = []
    try:
        for number in range(_FILED):
            # Asked before it is even filed: it waits in the socket until it is filed.
            expected = witness.first + witness.counted["subjects"]
            waiting.append(asyncio.create_task(_asked(witness, sleeper, expected, "before")))
            await asyncio.sleep(_EARLY_S)
            filed = await witness.file(http)
            waiting.append(asyncio.create_task(_asked(witness, sleeper, filed.number, "after")))
            share = (until - loop.time()) / (_FILED - number)
            await asyncio.sleep(max(0.0, share))
    finally:
        sleeper.signal(signal.SIGCONT)
    woken = [_asked(witness, sleeper, one.number, "woken") for one in _latest(witness.filed)]
    await asyncio.gather(*in_flight, *waiting, *woken)
    await _serves(witness, sleeper)


async def _in_flight(fleet: Fleet, witness: Witness, number: int) -> list[asyncio.Task[None]]:
    """A chat whose reply is on its way when its gateway is paused, and reaches it meanwhile."""
    control = url(fleet.upstream) + "/control"
    async with witness.session() as http:
        for mode in (_SLOW, {"mode": "ok"}):
            async with http.post(control, json=mode) as answer:
                answer.raise_for_status()
            if mode is _SLOW:
                asked = [
                    asyncio.create_task(_asked(witness, fleet.gateways[1], number, when, stream))
                    for when, stream in ((_WHOLE, False), (_BEGUN, True))
                ]
                await asyncio.sleep(_EARLY_S)
    return asked


def _latest(filed: list[Filed]) -> list[Filed]:
    return random.sample(filed[-_FILED:], _FILED)


async def _asked(
    witness: Witness, sleeper: Running, number: int, when: str, stream: bool | None = None
) -> None:
    """Ask the paused gateway over a connection of its own; it may refuse, not tell."""
    async with witness.session(_PATIENCE_S) as http:
        answer = await witness.ask(http, str(sleeper.http.base_url).rstrip("/"), number, stream)
    witness.counted[f"asked {when}"] += 1
    if answer is None:
        witness.counted[f"not served, asked {when}"] += 1
    elif tells(number, answer) and when == _BEGUN:
        # Its sentence had begun to go out: what was filed meanwhile counts from the next one on.
        witness.counted["told in a stream that had begun"] += 1
    elif tells(number, answer):
        witness.wrong.append(f"told after a pause what was filed during it, asked {when}")


async def _serves(witness: Witness, gateway: Running) -> None:
    """Wait until a gateway answers again what nobody filed."""
    url = str(gateway.http.base_url).rstrip("/")
    served = witness.counted["other chats"]
    async with witness.session() as http:
        for body in chat_bodies(100, MODEL, stream=False, seed=served):
            await witness.ask_other(http, url, body)
            if witness.counted["other chats"] > served:
                return
            await asyncio.sleep(0.1)
    witness.wrong.append("a gateway serves nothing after its pause")


def main() -> None:
    """Pause, and tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of each pause")
    parser.add_argument("--lease", type=float, default=5.0, help="LETHE_LEASE_S")
    asked = parser.parse_args()
    if asked.seconds <= asked.lease:
        parser.error("--seconds must be more than --lease: a shorter pause is not noticed")
    with tempfile.TemporaryDirectory(prefix="lethe-paused-") as folder:
        found = paused(
            Path(folder), rounds=asked.rounds, seconds=asked.seconds, lease_s=asked.lease
        )
        tell(*asyncio.run(found))


if __name__ == "__main__":
    main()
