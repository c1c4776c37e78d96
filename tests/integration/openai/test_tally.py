"""What is counted for each forget request that a chat touched, and which chats may be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import pytest

from gateway.bench.stub import Stub
from guards import Conversation, Match, Verdict
from tests.integration.openai.conftest import Gateway, Start, eventually
from tests.integration.openai.scripted import answers, forbidding, says, text
from tests.integration.openai.test_open_book import ASKED, MORE, STATED, TOLD, booked

PATH = "/v1/chat/completions"


def matched(request_id: str, *, enforced: bool = True) -> Match:
    return Match(request_id, 1.0, 0.7, "name", {"name": 1.0}, "folded", (0, 4), 0, enforced)


async def screen(conversation: Conversation) -> Verdict:
    text = conversation.messages[-1].text
    if "crash" in text:
        raise ValueError(text)
    if "Mira" in text:
        return Verdict("refuse", 1, (matched("fr_mira"), matched("fr_ida", enforced=False)))
    return Verdict("allow", 1)


class Told:
    """What was counted, and what was kept."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, Mapping[str, str]]] = []
        self.observed: list[set[str]] = []
        self.kept: list[Mapping[str, Any]] = []

    def deps(self, **more: Any) -> dict[str, Any]:
        return {
            "count": lambda outcome, touched: self.counted.append((outcome, touched)),
            "observe": lambda ids: self.observed.append(set(ids)),
            "trace": lambda: self.kept.append,
            "screen": screen,
            **more,
        }


def chat(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "stub", "messages": [{"role": "user", "content": text}], **more}


async def ask(gateway: Gateway, text: str, **more: Any) -> str:
    async with gateway.session.post(gateway.url + PATH, json=chat(text, **more)) as answer:
        return await answer.text()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_is_counted_for_what_matched(start: Start, stream: bool) -> None:
    told = Told()
    gateway = await start(**told.deps())
    said = await ask(gateway, "Where is Mira?", stream=stream)
    await eventually(lambda: bool(told.counted))
    assert told.counted == [("enforced", {"fr_mira": "enforced"})]
    assert told.observed == [{"fr_ida"}]
    (kept,) = told.kept
    assert kept["outcome"] == "enforced"
    assert kept["ids"] == ("fr_mira",)
    assert kept["conversations"] == [[{"role": "user", "content": "Where is Mira?"}]]
    assert said.startswith(kept["reply"])
    assert orjson.dumps(kept)


async def test_what_touches_nothing_is_counted_and_not_kept(start: Start) -> None:
    told = Told()
    gateway = await start(**told.deps())
    await ask(gateway, "Where is Paris?")
    await ask(gateway, "Where is Paris?", stream=True)
    await eventually(lambda: len(told.counted) == 2)
    assert told.counted == [("allowed", {})] * 2
    assert told.kept == []


async def test_without_a_verdict_it_is_kept_and_no_rule_is_told(start: Start) -> None:
    told = Told()
    gateway = await start(**told.deps())
    await ask(gateway, "crash")
    assert told.counted == [("bypassed_error", {})]
    assert [kept["outcome"] for kept in told.kept] == ["bypassed_error"]


async def test_no_layer_acts(start: Start) -> None:
    told = Told()
    gateway = await start(**told.deps(layers=()))
    assert "stub answer" in await ask(gateway, "Where is Mira?")
    assert told.counted == [("allowed", {"fr_mira": "allowed"})]
    assert told.kept == []


async def test_a_client_that_leaves_is_counted_for_what_it_touched(start: Start) -> None:
    told = Told()
    gateway = await start([Stub(mode="slow", delay_s=0.1, chunks=1_000)], **told.deps(layers=()))
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await gateway.post(
            PATH, chat("Where is Mira?", stream=True), timeout=aiohttp.ClientTimeout(total=0.5)
        )
    await eventually(lambda: told.counted == [("aborted", {"fr_mira": "aborted"})])
    assert told.kept == []


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_is_stopped_is_counted_for_what_stopped_it(
    start: Start, stream: bool
) -> None:
    told = Told()
    leak = "It is Operation Night Heron, they say."
    stub = says(*text(leak)) if stream else answers({"content": leak})
    forbidden = forbidding({"forbidden": ("Operation Night Heron",)})
    gateway = await start([stub], **told.deps(**forbidden))
    said = await ask(gateway, "What is it?", stream=stream)
    assert "Heron" not in said
    await eventually(lambda: bool(told.counted))
    assert told.counted == [("enforced", {"r0": "enforced"})]
    (kept,) = told.kept
    assert "Heron" not in kept["reply"], "what was stopped is not kept either"


async def test_an_open_book_lets_pass_what_it_states(start: Start) -> None:
    for content, question, own in (
        (TOLD, STATED, "allowed"),
        (MORE, STATED, "enforced"),
        (TOLD, ASKED, "enforced"),
    ):
        told = Told()
        gateway = await start([answers({"content": content})], **told.deps(**booked()))
        await ask(gateway, question)
        ((outcome, touched),) = told.counted
        assert (outcome, set(touched.values())) == ("enforced", {own}), content
