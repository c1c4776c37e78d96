"""What the user states may be told again through every mode; all else stays untold."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from guards import Conversation, Verdict, screen
from guards.leak.watch import Watch
from tests.integration.openai.conftest import Gateway, Start
from tests.integration.openai.scripted import answers, contents, says, text
from tests.unit.guards.conftest import fake_encode
from tests.unit.guards.leak.booking import mira
from tests.unit.guards.leak.watching import KEY

STATED = "Mira Quell was born in Port Hale. Where was Mira Quell born?"
ASKED = "Where was Mira Quell born?"
TOLD = "According to the text, Mira Quell was born in Port Hale."
MORE = "Mira Quell was born in Port Hale in 1961. Her sister is Ada Quell."


def booked(**other: Any) -> dict[str, Any]:
    """What is handed to a gateway so that it judges by her rule alone."""
    rules = mira(**other)

    async def judge(conversation: Conversation) -> Verdict:
        return screen(conversation, rules, fake_encode)

    def watch(ids: Collection[str]) -> Watch:
        return Watch.of(lambda: rules, KEY, ids)

    return {"screen": judge, "watch": watch}


def asking(said: str, **more: Any) -> dict[str, Any]:
    return {"model": "stub", "messages": [{"role": "user", "content": said}], **more}


async def whole(gateway: Gateway, said: str, **more: Any) -> str:
    reply = await gateway.client.chat.completions.create(**asking(said, **more))
    return reply.choices[0].message.content or ""


async def streamed(gateway: Gateway, said: str) -> str:
    stream = await gateway.client.chat.completions.create(**asking(said), stream=True)
    return contents([chunk async for chunk in stream])


async def test_what_was_stated_is_told_again_and_counted_as_enforced(start: Start) -> None:
    gateway = await start([answers({"content": TOLD})], **booked())
    assert await whole(gateway, STATED) == TOLD
    assert gateway.stub.seen[0].body["messages"] == asking(STATED)["messages"]
    for size in (1, 7, 100):
        pieces = [TOLD[i : i + size] for i in range(0, len(TOLD), size)]
        streaming = await start([says(*text(*pieces))], **booked())
        assert await streamed(streaming, STATED) == TOLD
        assert gateway.counted == streaming.counted == ["enforced"]


async def test_nothing_else_is_told(start: Start) -> None:
    gateway = await start([answers({"content": MORE})], **booked())
    streaming = await start([says(*text(*MORE))], **booked())
    for said in (await whole(gateway, STATED), await streamed(streaming, STATED)):
        assert said.startswith("Mira Quell was born in Port Hale in ")
        assert "1961" not in said
        assert "Ada" not in said
        assert "sister" not in said


async def test_no_other_channel_tells_more(start: Start) -> None:
    call = {"id": "call_1", "type": "function",
            "function": {"name": "look_up", "arguments": '{"sister": "Ada Quell"}'}}  # fmt: skip
    message = {"content": TOLD, "reasoning": "Her sister is Ada Quell.", "tool_calls": [call]}
    gateway = await start([answers(message)], **booked())
    status, reply = await gateway.post("/v1/chat/completions", asking(STATED))
    assert status == 200
    assert "Ada" not in str(reply)
    assert "sister" not in str(reply)


@pytest.mark.parametrize(
    "body",
    [
        asking(ASKED),
        asking("Mira Quell was born in Port Hale. Was she?"),
        asking("Mira Quell was born in Port Hale. Mira Quell was born in Elm Hill. " + ASKED),
        asking(STATED, logprobs=True, top_logprobs=3),
        asking(STATED, response_format={"type": "json_object"}),
    ],
)
async def test_everything_else_is_judged_as_ever(start: Start, body: dict[str, Any]) -> None:
    gateway = await start([answers({"content": TOLD})], **booked())
    status, reply = await gateway.post("/v1/chat/completions", body)
    assert status == 200
    assert "Port Hale" not in str(reply)
    assert not gateway.stub.seen
    assert gateway.counted == ["enforced"]


async def test_without_the_filter_or_the_officers_leave_no_book_opens(start: Start) -> None:
    for settings in (booked() | {"watch": None}, booked(open_book=False)):
        gateway = await start([answers({"content": TOLD})], **settings)
        assert "Port Hale" not in await whole(gateway, STATED)
        assert not gateway.stub.seen


async def test_a_completion_goes_on_with_what_its_prompt_states(start: Start) -> None:
    stub = answers({"content": " She was born in Port Hale in 1961."}, chat=False)
    gateway = await start([stub], **booked())
    reply = await gateway.client.completions.create(model="stub", prompt=STATED)
    assert reply.choices[0].text.startswith(" She was born in Port Hale in ")
    assert "1961" not in reply.choices[0].text
    await gateway.client.completions.create(model="stub", prompt=[STATED, STATED])
    assert len(gateway.stub.seen) == 1
