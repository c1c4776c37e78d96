"""Who files without a pause and asks about what was acknowledged, whatever else happens."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from gateway.bench.prompts import chat_bodies
from gateway.bench.servers import HEADERS
from tests.chaos.knowing import Stubbed

FORGET = "/admin/forget-requests"
CHAT = "/v1/chat/completions"
STUCK_S = 30.0
"""Whoever waits so long for an answer waits for ever."""

_GONE = (aiohttp.ClientError, ConnectionError)


@dataclass(frozen=True)
class Filed:
    """A filing that was acknowledged: by whom, as which revision, and when."""

    number: int
    id: str
    revision: int
    url: str
    at: float


@dataclass
class Witness:
    """What was filed and asked over some gateways, and what came of it, by kind."""

    urls: Sequence[str]
    first: int = 0
    """The number of the first subject that is filed."""
    known: Stubbed = field(default_factory=Stubbed)
    """Whom the engine would tell of."""
    filed: list[Filed] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    behind_s: float = 0.0
    """How long after its acknowledgement by another gateway a filing was still told, at most."""

    @asynccontextmanager
    async def session(self, patience_s: float = STUCK_S) -> AsyncIterator[aiohttp.ClientSession]:
        """A client that gives up what is stuck."""
        timeout = aiohttp.ClientTimeout(total=patience_s)
        async with aiohttp.ClientSession(headers=HEADERS, timeout=timeout) as http:
            yield http

    async def file_on(self, http: aiohttp.ClientSession, pause_s: float) -> None:
        """File one subject after the other, until cancelled."""
        while True:
            await self.file(http)
            await asyncio.sleep(pause_s)

    async def file(self, http: aiohttp.ClientSession) -> Filed:
        """File the next subject, again and again until it is acknowledged, as an officer would."""
        number = self.first + self.counted["subjects"]
        self.counted["subjects"] += 1
        while True:
            filed = await self.try_filing(http, number, random.choice(self.urls))
            if filed is not None:
                return filed
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def try_filing(
        self, http: aiohttp.ClientSession, number: int, url: str, wait_s: int = 0
    ) -> Filed | None:
        """File a subject at one gateway; None where it is not acknowledged."""
        began = time.monotonic()
        try:
            params = {"wait": str(wait_s)} if wait_s else {}
            async with http.post(
                url + FORGET, params=params, json=self.known.planted(number)
            ) as answer:
                status, content = answer.status, await answer.json()
        except TimeoutError:
            self.wrong.append("a filing was stuck")
            return None
        except _GONE:
            self.counted["filings cut off"] += 1
            return None
        if status not in (200, 201):
            self.counted["filings refused"] += 1
            if status != 503:
                self.wrong.append(f"a filing was answered {status}, {content['error']['code']}")
            return None
        self.counted["filings"] += 1
        filed = Filed(number, content["id"], content["revision"], url, time.monotonic())
        self.counted["slow filings"] += filed.at - began > 5.0
        self.filed.append(filed)
        return filed

    async def ask_on(self, http: aiohttp.ClientSession, seed: int) -> None:
        """Ask about what was filed last and before, and about other things, until cancelled."""
        others = chat_bodies(10**9, self.known.model, stream=False, seed=seed)
        while True:
            await self.ask_other(http, random.choice(self.urls), next(others))
            if self.filed:
                filed = self.filed[-1] if random.random() < 0.5 else random.choice(self.filed)
                url = filed.url if random.random() < 0.3 else random.choice(self.urls)
                await self.check(http, url, filed)
            await asyncio.sleep(random.uniform(0, 0.05))

    async def check(self, http: aiohttp.ClientSession, url: str, filed: Filed) -> bool | None:
        """Ask a gateway for what was filed: whether it told, None where it served nothing.

        Telling is wrong for the gateway that acknowledged, and for one that says that it has
        the revision; another may be behind, and how long is kept.
        """
        revision = await self.revision(http, url)
        if revision is None:
            return None
        since = time.monotonic() - filed.at
        answer = await self.ask(http, url, filed.number)
        if answer is None:
            return None
        told = self.known.tells(filed.number, answer)
        if told and (revision >= filed.revision or url == filed.url):
            self.wrong.append("a forbidden answer was given after acknowledgement")
            self.counted["forbidden answers"] += 1
        elif told:
            self.counted["told while behind"] += 1
            self.behind_s = max(self.behind_s, since)
        return told

    async def ask(
        self, http: aiohttp.ClientSession, url: str, number: int, stream: bool | None = None
    ) -> str | None:
        """The answer to the planted question, streamed or not; None where none was served."""
        body: dict[str, Any] = {
            "model": self.known.model,
            "messages": [{"role": "user", "content": self.known.question(number)}],
            "stream": random.random() < 0.5 if stream is None else stream,
        }
        return await self._chat(http, url, orjson.dumps(body), "planted")

    async def ask_other(self, http: aiohttp.ClientSession, url: str, body: bytes) -> None:
        """Ask for something that nobody filed: it must be answered, where anything is."""
        answer = await self._chat(http, url, body, "other")
        if answer is not None and not self.known.answers(answer):
            self.wrong.append("what nobody filed was not answered")

    async def revision(self, http: aiohttp.ClientSession, url: str) -> int | None:
        """The revision that a gateway says it enforces; None where it is not ready."""
        try:
            async with http.get(url + "/readyz") as answer:
                content = await answer.json()
                return int(content["revision"]) if answer.status == 200 else None
        except TimeoutError:
            self.wrong.append("/readyz was stuck")
        except _GONE:
            pass
        return None

    async def _chat(
        self, http: aiohttp.ClientSession, url: str, body: bytes, kind: str
    ) -> str | None:
        try:
            async with http.post(url + CHAT, data=body) as answer:
                status, content = answer.status, await answer.read()
        except TimeoutError:
            self.wrong.append(f"a chat was stuck ({kind})")
            return None
        except _GONE:
            self.counted["chats cut off"] += 1
            return None
        if status != 200:
            self.counted["chats not served"] += 1
            if status not in (429, 502, 503, 504):
                self.wrong.append(f"a chat was answered {status}")
            return None
        self.counted[f"{kind} chats"] += 1
        return _said(content)

    async def listed(self, http: aiohttp.ClientSession, url: str) -> dict[str, dict[str, Any]]:
        """All requests that a gateway lists, by id."""
        found: dict[str, dict[str, Any]] = {}
        cursor: str | None = ""
        while cursor is not None:
            query = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
            async with http.get(url + FORGET, params=query) as answer:
                answer.raise_for_status()
                page = await answer.json()
            found |= {item["id"]: item for item in page["items"]}
            cursor = page["next_cursor"]
        return found

    async def recovered(self, http: aiohttp.ClientSession) -> dict[str, int]:
        """What is missing once all is well again: filings that are lost, answers that tell."""
        listed = await self.listed(http, self.urls[0])
        lost = [one for one in self.filed if listed.get(one.id, {}).get("revision") is None]
        queue = iter([(url, one) for url in self.urls for one in self.filed])
        told: list[bool | None] = []

        async def ask() -> None:
            for url, one in queue:
                told.append(await self.check(http, url, one))

        await asyncio.gather(*(ask() for _ in range(8)))
        found = {"lost": len(lost), "told": told.count(True), "not_served": told.count(None)}
        self.wrong += [f"after recovery: {n} {what}" for what, n in found.items() if n]
        return {"acknowledged": len(self.filed), "listed": len(listed), **found}


def _said(content: bytes) -> str:
    """The text of an answer, streamed or not."""
    if not content.startswith(b"data:"):
        return str(orjson.loads(content)["choices"][0]["message"]["content"])
    lines = [line[6:] for line in content.splitlines() if line.startswith(b"data: {")]
    choices = [choice for line in lines for choice in orjson.loads(line).get("choices", ())]
    return "".join(choice["delta"].get("content") or "" for choice in choices).strip()
