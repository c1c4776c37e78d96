"""What must hold once Redis has no room left: filings wait, chats are enforced, nothing is lost."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from gateway.bench.prompts import chat_bodies
from gateway.bench.servers import MODEL
from tests.chaos.outcome import summed
from tests.chaos.planted import FORGET, Filed, Witness
from tests.chaos.telling import planted, tells

_MOST = 5_000
"""Filings that must have filled whatever room was left."""

_SECONDS = re.compile(r"\d+ s\b")
_PAUSE_S = 0.1
_BACK_S = 30.0


@dataclass
class Brimful:
    """One gateway, whose Redis is filled to the brim and given room again.

    `way_out` is a word that the refusal must have, so that an operator knows what to mend.
    """

    witness: Witness
    way_out: str
    told: Counter[str] = field(default_factory=Counter)
    """What refused filings were answered."""

    async def overflow(
        self, http: aiohttp.ClientSession, seconds: float, room: Callable[[], object]
    ) -> dict[str, Any]:
        """File until it is full, look for so long, make room, and look again."""
        while await self._file(http) == 201:
            assert self.witness.counted["subjects"] < _MOST, "it does not get full"
        loop = asyncio.get_running_loop()
        until, others = loop.time() + seconds, chat_bodies(10**9, MODEL, stream=False, seed=1)
        while loop.time() < until:
            status = await self._file(http)
            if status not in (201, 503):  # a smaller one may still find room
                self.witness.wrong.append(f"a filing was answered {status}")
            for one in self.witness.filed[-5:] + self.witness.filed[:5]:
                answer = await self.witness.ask(http, one.url, one.number)
                if answer is None:
                    self.witness.wrong.append("a chat was not served")
                elif tells(one.number, answer):
                    self.witness.wrong.append("what was filed was told")
            await self.witness.ask_other(http, self.witness.urls[0], next(others))
            await asyncio.sleep(_PAUSE_S)
        room()
        began = loop.time()
        while await self._file(http) != 201:
            if loop.time() - began > _BACK_S:
                self.witness.wrong.append("filings are not taken again")
                break
            await asyncio.sleep(_PAUSE_S)
        back_s = loop.time() - began
        recovered = await self.witness.recovered(http)
        if not any(self.way_out in message for message in self.told):
            self.witness.wrong.append("no refusal said what to mend")
        return {
            "counted": dict(self.witness.counted),
            "filings_taken_again_s": round(back_s, 2),
            "told": summed(self.told.elements()),
            "recovered": recovered,
        }

    async def _file(self, http: aiohttp.ClientSession) -> int:
        """File the next subject once; the status."""
        url, number = self.witness.urls[0], self.witness.counted["subjects"]
        self.witness.counted["subjects"] += 1
        async with http.post(url + FORGET, json=planted(number)) as answer:
            content = await answer.json()
        if answer.status == 201:
            at = asyncio.get_running_loop().time()
            self.witness.filed.append(Filed(number, content["id"], content["revision"], url, at))
        else:
            self.told[_SECONDS.sub("… s", content["error"]["message"])] += 1
        return int(answer.status)
