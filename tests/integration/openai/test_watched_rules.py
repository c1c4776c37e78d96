"""What the monitor of false stops is told of each request: once, and who acts on it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from gateway.monitor import FalseStops
from guards import Conversation, Match, Verdict
from tests.integration.openai.conftest import Start
from tests.integration.openai.scripted import answers, forbidding

ASK: dict[str, Any] = {"model": "stub", "messages": [{"role": "user", "content": "What is it?"}]}
TOLD = "It is Operation Night Heron, they say."
HERON = {"forbidden": ("Operation Night Heron",)}
MATCH = Match("r0", 1.0, 0.7, "name", {}, "folded", (0, 4), 0)


class Told(FalseStops):
    def __init__(self) -> None:
        super().__init__()
        self.requests: list[list[str]] = []
        self.replies: list[str] = []

    def judged(self, acting: Collection[str]) -> None:
        self.requests.append([*acting])

    def stopped(self, request_id: str) -> None:
        self.replies.append(request_id)


@pytest.mark.parametrize(
    ("verdict", "said", "acting", "stops"),
    [
        (Verdict("allow", 1), "It is a bird.", [], []),
        (Verdict("allow", 1), TOLD, [], ["r0"]),
        (Verdict("refuse", 1, (MATCH,)), TOLD, ["r0"], []),
        (Verdict("suppress", 1, (MATCH,)), TOLD, ["r0"], []),
    ],
)
async def test_each_request_counts_once(
    start: Start, verdict: Verdict, said: str, acting: list[str], stops: list[str]
) -> None:
    async def screen(conversation: Conversation) -> Verdict:
        return verdict

    told = Told()
    messages = [{"content": said}, {"content": said}]
    gateway = await start(
        [answers(*messages)],
        screen=screen,
        acted=told.judged,
        stopped=told.stopped,
        layers=("filter",) if verdict.action == "suppress" else ("screen", "filter"),
        **forbidding(HERON),
    )
    await gateway.client.chat.completions.create(**ASK, n=2)
    assert told.requests == [acting]
    assert told.replies == stops


async def test_what_has_no_verdict_counts_for_nobody(start: Start) -> None:
    async def screen(conversation: Conversation) -> Verdict:
        raise ValueError("no verdict")

    told = Told()
    gateway = await start([answers({"content": "A bird."})], screen=screen, acted=told.judged)
    await gateway.client.chat.completions.create(**ASK)
    assert told.requests == []
