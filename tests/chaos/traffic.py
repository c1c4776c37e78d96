"""Mixed traffic for the soak: clients of every kind, officers who file and lift."""

from __future__ import annotations

import asyncio
import itertools
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from gateway.bench.guards_world import name
from gateway.bench.prompts import chat_bodies
from gateway.bench.servers import HEADERS, MODEL
from gateway.bench.stub import ANSWER

CHAT = "/v1/chat/completions"
_FILED = 40
"""Requests that stay filed; one more is filed and lifted again and again."""

_MALFORMED: tuple[bytes, ...] = (
    b"{",
    b"\xff\xfe",
    b"[]",
    b'{"model": "stub"}',
    b'{"model": "stub", "messages": "hello"}',
    b'{"model": "stub", "messages": [{"role": "user", "content": "hi"}], "n": "many"}',
    b'{"model": "stub", "messages": [{"role": "user", "content": "hi"}], "colour": "red"}',
    b'{"model": "stub", "messages": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}",
)


@dataclass
class Traffic:
    """What was asked of a gateway, and what came of it, by kind."""

    url: str
    sent: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def flow(self, seconds: float) -> None:
        """All kinds side by side for so long; what must not be stands in `wrong`."""
        async with self._session() as http:
            for number in range(_FILED):
                await self._file(http, number)
        kinds: dict[Callable[[aiohttp.ClientSession, bytes], Awaitable[None]], dict[str, Any]] = {
            self._chat: {},
            self._stream: {"stream": True},
            self._two: {"n": 2},
            self._leave: {"stream": True},
        }
        until = asyncio.get_running_loop().time() + seconds
        async with asyncio.TaskGroup() as group:
            for seed, (kind, fields) in enumerate(kinds.items()):
                group.create_task(self._again(kind, fields, seed, until))
            for other in (self._malform, self._touch):
                group.create_task(self._repeat(other, until))
            group.create_task(self._officer(until))

    async def _again(
        self,
        kind: Callable[[aiohttp.ClientSession, bytes], Awaitable[None]],
        fields: dict[str, Any],
        seed: int,
        until: float,
    ) -> None:
        bodies = chat_bodies(10**9, MODEL, stream=False, seed=seed)

        async def one(http: aiohttp.ClientSession) -> None:
            self.sent["answered"] += 1
            await kind(http, orjson.dumps(orjson.loads(next(bodies)) | fields))

        await self._repeat(one, until)

    async def _repeat(
        self, one: Callable[[aiohttp.ClientSession], Awaitable[None]], until: float
    ) -> None:
        async with self._session() as http:
            while asyncio.get_running_loop().time() < until:
                await one(http)
                await asyncio.sleep(random.uniform(0, 0.1))

    async def _chat(self, http: aiohttp.ClientSession, body: bytes) -> None:
        async with http.post(CHAT, data=body) as answer:
            self._check(answer.status == 200 and ANSWER in await answer.text(), "a chat")

    async def _two(self, http: aiohttp.ClientSession, body: bytes) -> None:
        async with http.post(CHAT, data=body) as answer:
            self._check(answer.status == 200 and ANSWER in await answer.text(), "n = 2")

    async def _stream(self, http: aiohttp.ClientSession, body: bytes) -> None:
        async with http.post(CHAT, data=body) as answer:
            text = await answer.read()
        self._check(text.endswith(b"data: [DONE]\n\n") and b'"error"' not in text, "a stream")

    async def _leave(self, http: aiohttp.ClientSession, body: bytes) -> None:
        """Go away at any time: before the answer, in the middle, at the end."""
        patience = aiohttp.ClientTimeout(total=random.uniform(0.005, 0.3))
        try:
            async with http.post(CHAT, data=body, timeout=patience) as answer:
                await answer.read()
        except (TimeoutError, aiohttp.ClientError):
            self.sent["left"] += 1

    async def _malform(self, http: aiohttp.ClientSession) -> None:
        async with http.post(CHAT, data=random.choice(_MALFORMED)) as answer:
            self._check(answer.status == 400, f"a malformed body was answered {answer.status}")

    async def _touch(self, http: aiohttp.ClientSession) -> None:
        self.sent["refused"] += 1
        told = await self._told(http, random.randrange(_FILED))
        self._check(not told, "what is filed was told")

    async def _officer(self, until: float) -> None:
        """File, ask, lift, ask: what was filed is refused, and answered again."""
        numbers = itertools.count(_FILED)

        async def one(http: aiohttp.ClientSession) -> None:
            number = next(numbers)
            if not await self._told(http, number):  # too much like somebody who is filed
                self.sent["refused"] += 1
                return
            self.sent["answered"] += 1
            request_id = await self._file(http, number)
            self.sent["refused"] += 1
            self._check(not await self._told(http, number), "a filing was not enforced")
            async with http.post(f"/admin/forget-requests/{request_id}/lift") as answer:
                self._check(answer.status == 200, "a lift failed")
            await asyncio.sleep(0.2)
            self.sent["answered"] += 1
            self._check(await self._told(http, number), "what was lifted is still refused")
            self.sent["filed"] += 1

        await self._repeat(one, until)

    async def _file(self, http: aiohttp.ClientSession, number: int) -> str:
        """File, and again while there is no time for it, as an officer would."""
        filing = {"subject": {"name": _subject(number)}, "subject_request_id": str(uuid.uuid4())}
        while True:
            async with http.post(
                "/admin/forget-requests", params={"wait": "10"}, json=filing
            ) as answer:
                content = await answer.json()
            if "id" in content:
                return str(content["id"])
            self.sent["filed again"] += 1
            code = content["error"]["code"]
            self._check(answer.status == 503, f"a filing was answered {answer.status}, {code}")
            await asyncio.sleep(1.0)

    async def _told(self, http: aiohttp.ClientSession, number: int) -> bool:
        question = f"Where was {_subject(number)} born?"
        body = {"model": MODEL, "messages": [{"role": "user", "content": question}]}
        async with http.post(CHAT, json=body) as answer:
            self._check(answer.status == 200, f"a question was answered {answer.status}")
            return ANSWER in await answer.text()

    def _check(self, right: bool, what: str) -> None:
        if not right:
            self.wrong.append(what)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(self.url, headers=HEADERS, timeout=timeout) as http:
            yield http


def _subject(number: int) -> str:
    """An invented name; few are like one of the others."""
    return name(number * 1_009)
