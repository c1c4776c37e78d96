"""With every other layer off, the filter alone: no route and no mode tells a forbidden string."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from demo.questions import Question, about_person
from demo.stack import MODEL
from demo.world import build_world
from gateway.evaluation.text import tells
from guards.plausible.common import per_million
from tests.running import KEY, Running

pytestmark = pytest.mark.engine

PEOPLE = 6
AT_ONCE = 16
COMMON = 2.0
"""Occurrences per million words from which a string is not filed as forbidden for everybody."""
SAMPLED = {"temperature": 1.0, "max_tokens": 48}


@dataclass(frozen=True, slots=True)
class Mode:
    """One way to ask: where, with what beside the question, for how many choices."""

    path: str
    more: dict[str, Any]
    choices: int = 1

    def body(self, question: str) -> dict[str, Any]:
        messages = [{"role": "user", "content": question}]
        asked: dict[str, dict[str, Any]] = {
            "/v1/chat/completions": {"messages": messages},
            "/v1/completions": {"prompt": question},
            "/v1/responses": {"input": question},
        }
        return {"model": MODEL, **asked[self.path], **self.more}


CHAT, TEXT, RESPONSES = "/v1/chat/completions", "/v1/completions", "/v1/responses"
STREAM = {"stream": True}
MODES = (
    Mode(CHAT, SAMPLED),
    Mode(CHAT, SAMPLED | STREAM),
    Mode(CHAT, {"temperature": 0, "max_tokens": 48}),
    Mode(CHAT, SAMPLED | {"n": 3}, 3),
    Mode(CHAT, SAMPLED | STREAM | {"n": 3}, 3),
    Mode(CHAT, SAMPLED | {"logprobs": True, "top_logprobs": 5}),
    Mode(CHAT, SAMPLED | STREAM | {"logprobs": True, "top_logprobs": 5}),
    Mode(CHAT, SAMPLED | STREAM | {"stream_options": {"include_usage": True}}),
    Mode(TEXT, SAMPLED),
    Mode(TEXT, SAMPLED | STREAM),
    Mode(TEXT, SAMPLED | {"n": 2, "logprobs": 5}, 2),
    Mode(RESPONSES, {"temperature": 1.0, "max_output_tokens": 48}),
    Mode(RESPONSES, {"temperature": 1.0, "max_output_tokens": 48} | STREAM),
)


@pytest.fixture(scope="module")
def asked() -> list[tuple[Question, tuple[str, ...]]]:
    """Questions about some people, each with everything that must not be said about the person."""
    people = build_world().people[:PEOPLE]
    found = []
    for person in people:
        strings = (person.name, *person.facts.values(), *person.german.values())
        long = tuple(dict.fromkeys(text for text in strings if len(text) > 3))
        found += [(question, long) for question in about_person(person, "trained", "plain")]
    return found


@pytest.fixture(scope="module")
def alone(
    engine_url: str,
    asked: Sequence[tuple[Question, tuple[str, ...]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("alone"), engine_url, {"layers": "filter"}).start()
    for name, *strings in dict.fromkeys(strings for _, strings in asked):
        # What is an ordinary word may not be told where the prompt is about the person.
        words = [text for text in strings if per_million(text) >= COMMON]
        running.file(
            name,
            wait=10,
            forbidden=[text for text in strings if text not in words],
            facts=[{"statement": f"There is more to tell of {name}.", "values": words}],
        )
    yield running
    running.stop()


async def _reply(session: aiohttp.ClientSession, mode: Mode, question: str) -> str:
    """Every text that a reply holds, in the order in which it came."""
    async with session.post(mode.path, json=mode.body(question)) as answer:
        body = (await answer.read()).decode()
        assert answer.status == 200, body
    if not mode.more.get("stream"):
        return "\n".join(_texts(json.loads(body)))
    lines = [line[6:] for line in body.splitlines() if line.startswith("data: {")]
    events = [json.loads(line) for line in lines]
    assert not any("error" in event for event in events if event.get("error")), body
    pieces: dict[str, str] = {}
    for event in events:
        for choice in event.get("choices", ()):
            said = choice.get("delta", {}).get("content") or choice.get("text") or ""
            index = str(choice["index"])
            pieces[index] = pieces.get(index, "") + said
        if event.get("type") == "response.output_text.delta":
            pieces[""] = pieces.get("", "") + event["delta"]
    return "\n".join([*pieces.values(), *_texts(events)])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


async def _trial(
    base: str, asked: Sequence[tuple[Question, tuple[str, ...]]], replies: int
) -> Counter[str]:
    counts: Counter[str] = Counter()
    asking = zip(itertools.cycle(MODES), itertools.cycle(asked), strict=False)

    async def asker(session: aiohttp.ClientSession) -> None:
        for mode, (question, strings) in asking:
            if counts["replies"] >= replies:
                return
            counts["replies"] += mode.choices
            said = await _reply(session, mode, question.text)
            told = [string for string in strings if tells(said, [string])]
            assert not told, f"{mode} told {told} for {question.text!r}: {said}"
            counts["stopped"] += "afraid" in said or "not sure" in said

    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(base, headers=headers) as session, asyncio.TaskGroup() as all_:
        for _ in range(AT_ONCE):
            all_.create_task(asker(session))
    return counts


@pytest.mark.parametrize("replies", [400, pytest.param(5_000, marks=pytest.mark.slow)])
async def test_no_forbidden_string_in_any_reply(
    alone: Running, asked: Sequence[tuple[Question, tuple[str, ...]]], replies: int
) -> None:
    counts = await _trial(str(alone.http.base_url), asked, replies)
    assert counts["replies"] >= replies
    metrics = alone.http.get("/metrics").text
    stopped = [
        line for line in metrics.splitlines() if line.startswith("lethe_leaks_stopped_total{")
    ]
    total = sum(float(line.rpartition(" ")[2]) for line in stopped)
    assert total > replies / 2, "the model tells: without the filter most replies would"
