"""Asks a deployment everything that is judged afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson
from yarl import URL

from gateway.doctor.facts import Direct, Facts, Reply
from gateway.retained import load_retained

_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)
_TRIED = 5
"""Retained prompts that are explained."""


class _Asker:
    """Asks one server; what cannot be had is an empty reply, never an error."""

    def __init__(self, session: aiohttp.ClientSession, base: str, key: str | None) -> None:
        self._session = session
        self._base = base.rstrip("/")
        self._keyed = {"Authorization": f"Bearer {key}"} if key else {}

    async def get(self, path: str, *, keyed: bool = True) -> Reply:
        return await self._ask("GET", path, None, keyed)

    async def post(self, path: str, body: Any, *, keyed: bool = True) -> Reply:
        return await self._ask("POST", path, body, keyed)

    async def _ask(self, method: str, path: str, body: Any, keyed: bool) -> Reply:
        headers = {"Content-Type": "application/json"} | (self._keyed if keyed else {})
        data = None if body is None else orjson.dumps(body)
        try:
            url = URL(self._base + path)
            async with self._session.request(method, url, data=data, headers=headers) as answer:
                raw, now = await answer.read(), time.time()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Reply(error=error)
        return Reply(
            answer.status, _json(raw), raw.decode(errors="replace"), _ahead(answer.headers, now)
        )


async def examine(base: str, key: str | None, engines: Sequence[str]) -> Facts:
    """Ask the deployment at a base URL, and each engine as a stranger would."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session:
        ask = _Asker(session, base, key)
        health = await ask.get("/healthz", keyed=False)
        if health.error is not None:
            return Facts(base, health)
        ready, unkeyed, status, metrics, models = await asyncio.gather(
            ask.get("/readyz"),
            ask.get("/admin/status", keyed=False),
            ask.get("/admin/status"),
            ask.get("/metrics"),
            ask.get("/v1/models"),
        )
        filed = await ask.get("/admin/forget-requests?limit=50&status=completed")
        about = _about(filed)
        refused = None if about is None else await ask.post("/admin/explain", {"text": about})
        prompts = load_retained(None)[:_TRIED]
        retained = [await ask.post("/admin/explain", {"text": text}) for text in prompts]
        body = {
            "model": _model(models),
            "messages": [{"role": "user", "content": prompts[0]}],
            "max_tokens": 16,
        }
        chat, stream, unkeyed_chat = (
            await ask.post("/v1/chat/completions", body),
            await ask.post("/v1/chat/completions", {**body, "stream": True}),
            await ask.post("/v1/chat/completions", body, keyed=False),
        )
        direct = {url: await _direct(_Asker(session, url, None)) for url in engines}
    return Facts(
        base,
        health,
        ready,
        unkeyed,
        unkeyed_chat,
        status,
        metrics,
        models,
        filed,
        refused,
        tuple(retained),
        chat,
        stream,
        direct,
    )


async def _direct(engine: _Asker) -> Direct:
    models = await engine.get("/v1/models")
    tokenize = await engine.post("/tokenize", {"model": _model(models), "prompt": "x"})
    return Direct(models.status, tokenize.status)


def _about(filed: Reply) -> str | None:
    """A prompt about something that is filed and enforced, None where nothing is."""
    for item in filed.field("items") or ():
        subject, scope = item.get("subject") or {}, item.get("scope") or {}
        if item.get("action") == "observe":
            continue
        for question in scope.get("questions") or ():
            return str(question["question"] if isinstance(question, dict) else question)
        if subject.get("name") and scope.get("whole_subject"):
            return f"Who is {subject['name']}?"
    return None


def _model(models: Reply) -> str:
    cards = models.field("data")
    return str(cards[0]["id"]) if cards else "none"


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None


def _ahead(headers: Mapping[str, str], now: float) -> float | None:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp() - now
    except (KeyError, ValueError):
        return None
