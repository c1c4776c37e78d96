"""Whatever an engine streams and answers: nothing forbidden gets out, and every reply ends."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import orjson
import pytest

from folding import stands_in
from gateway.bench.stub import Stub
from gateway.openai.sse import contents
from guards.leak.plain import plain
from tests.integration.openai.conftest import Gateway, Start
from tests.integration.openai.hostile import PIECES, Engine
from tests.integration.openai.scripted import forbidding

FILED = {"forbidden": ("Operation Night Heron",)}
CHAT = {"messages": [{"role": "user", "content": "What is it?"}]}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/chat/completions", CHAT),
    ("/v1/completions", {"prompt": "What is it?"}),
    ("/v1/responses", {"input": "What is it?"}),
    ("/v1/chat/completions", CHAT | {"response_format": {"type": "json_object"}}),
)


async def asked(gateway: Gateway, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
    async with gateway.session.post(gateway.url + path, json={"model": "stub"} | body) as answer:
        return answer.status, await answer.read()


def texts(value: Any) -> list[str]:
    """Every text in a value, the names of its fields among them."""
    if isinstance(value, str):
        return [value]
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    return [text for each in inner for text in texts(each)] if isinstance(inner, list) else []


def told(body: bytes) -> bool:
    """Whether a single text of a reply tells what is forbidden."""
    lines = [body] if body.startswith(b"{") else body.splitlines()
    values = [orjson.loads(line[line.index(b"{") :]) for line in lines if b"{" in line]
    said = [plain(text).text for value in values for text in texts(value)]
    return any(stands_in(text, "operation night heron") for text in said)


@pytest.mark.parametrize("odd", [0.0, 0.2])
async def test_nothing_gets_out_and_every_reply_ends(start: Start, odd: float) -> None:
    stub, rounds = Stub(chunks=2), 300
    gateway = await start([stub], **forbidding(FILED))
    for seed in range(rounds):
        engine = Engine(seed, odd)
        (path, body), stream = CALLS[seed % len(CALLS)], bool(seed // len(CALLS) % 2)
        n = 2 if seed % 3 == 0 and "responses" not in path else 1
        for chat in (False, True):
            stub._events[chat] = engine.events(n, chat=chat)
            stub._whole[chat] = engine.whole(n, chat=chat)
        more = {"stream": stream} | ({"n": n} if n > 1 else {})
        status, got = await asked(gateway, path, body | more)
        assert status in (200, 502), (seed, got)
        assert not told(got), (seed, got)
        assert not stream or got.endswith((b"[DONE]\n\n", b"}\n\n")), (seed, got)
    assert all(endpoint.outstanding == 0 for endpoint in gateway.pool.endpoints)
    assert len(gateway.counted) == rounds


def said(block: bytes) -> dict[tuple[int, str], str]:
    """What each choice says until it ends: its content, reasoning, arguments and tokens."""
    found: dict[tuple[int, str], str] = defaultdict(str)
    ended = set()
    for choice in (each for content in contents(block) for each in content["choices"]):
        index, delta = choice["index"], choice["delta"]
        if index in ended:
            continue
        for name in ("content", "reasoning"):
            found[index, name] += delta.get(name) or ""
        for call in delta.get("tool_calls") or ():
            found[index, "arguments"] += call["function"]["arguments"]
        for token in (choice.get("logprobs") or {}).get("content") or ():
            found[index, "tokens"] += token["token"]
        if choice["finish_reason"]:
            ended.add(index)
    return {place: text for place, text in found.items() if text}


async def test_what_is_harmless_comes_out_whole(start: Start) -> None:
    stub = Stub(chunks=2)
    gateway = await start([stub], **forbidding(FILED))
    harmless = [piece for piece in PIECES if "Heron" not in piece]
    for seed in range(200):
        stub._events[True] = Engine(seed, 0.0, harmless).events(2, chat=True)
        _, got = await asked(gateway, "/v1/chat/completions", CHAT | {"stream": True, "n": 2})
        assert said(got) == said(b"".join(stub._events[True])), seed
    assert set(gateway.counted) == {"allowed"}
