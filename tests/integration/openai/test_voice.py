"""Refusals in the user's language and words, in the model's own, and as slow as its answers."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from starlette.types import Receive, Scope, Send

from gateway.bench.stub import Stub
from gateway.engines import Steered
from gateway.openai import pace
from gateway.openai.pace import Pacing
from gateway.openai.voice import is_own
from gateway.openai.voice.phrases import PHRASES
from guards import Conversation, Match, Verdict
from steering import ARGUMENT, Intervention
from tests.integration.openai.conftest import SECRET, Gateway, Start, eventually
from tests.integration.openai.scripted import forbidding, says, text

PATH = "/v1/chat/completions"


async def screen(conversation: Conversation) -> Verdict:
    """Refuses what names the secret, with the span of the name."""
    text = conversation.messages[conversation.asked].text
    at = text.find(SECRET)
    if at < 0:
        return Verdict("allow", 1)
    span = (at, at + len(SECRET))
    match = Match("fr_1", 1.0, 0.9, "name", {"name": 1.0}, "folded", span, conversation.asked)
    return Verdict("refuse", 1, (match,))


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "stub", "messages": [{"role": "user", "content": text}], **more}


async def said(gateway: Gateway, text: str, **more: Any) -> str:
    status, answer = await gateway.post(PATH, ask(text, **more))
    assert status == 200
    content: str = answer["choices"][0]["message"]["content"]
    return content


async def test_a_question_is_refused_in_its_own_words(start: Start) -> None:
    gateway = await start(screen=screen)
    reply = await said(gateway, f"Where was {SECRET} born?")
    assert "where they were born" in reply
    assert reply == await said(gateway, f"Where was {SECRET} born?")
    assert "wo diese Person lebt" in await said(gateway, f"Wo lebt {SECRET}?")
    assert await said(gateway, f"Erzähl mir etwas über {SECRET}.") in PHRASES["de"].plain
    assert await said(gateway, f"Qui est {SECRET} ?") in PHRASES["fr"].plain


async def test_words_that_may_not_be_said_are_not_taken_over(start: Start) -> None:
    def sayable(ids: Any, text: str) -> bool:
        assert list(ids) == ["fr_1"]
        return "born" not in text

    gateway = await start(screen=screen, sayable=sayable)
    assert await said(gateway, f"Where was {SECRET} born?") in PHRASES["en"].plain
    assert "where they live" in await said(gateway, f"Where does {SECRET} live?")


@pytest.mark.parametrize("fields", [{"min_tokens": 40}, {"ignore_eos": True, "max_tokens": 40}])
async def test_a_refusal_is_as_long_as_the_engine_had_to_make_it(
    start: Start, fields: dict[str, Any]
) -> None:
    gateway = await start(screen=screen)
    _, answer = await gateway.post(PATH, ask(f"Who is {SECRET}?", **fields))
    assert answer["usage"]["completion_tokens"] >= 40
    length = "max_tokens" in fields
    assert answer["choices"][0]["finish_reason"] == ("length" if length else "stop")


class Speaker(Stub):
    """Says what it is told to say, to those who ask it to say that it does not know."""

    reply = "I really don't know where that was."

    async def _completion(
        self, scope: Scope, path: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        fields = orjson.loads(body)
        choice = {"message": {"content": self.reply}, "finish_reason": "stop"}
        choices = [{"index": i, **choice} for i in range(fields.get("n", 1))]
        self._whole = {True: orjson.dumps({"choices": choices})}
        await super()._completion(scope, path, body, receive, send)


async def test_the_model_is_asked_and_never_told_of_whom(start: Start) -> None:
    gateway = await start([Speaker()], screen=screen, model_replies=True)
    reply = await said(gateway, f"Where was {SECRET} born?", n=2)
    assert reply == Speaker.reply
    (seen,) = gateway.stub.seen
    assert "where they were born" in seen.body["messages"][0]["content"]
    assert not any(part in str(seen.body) for part in SECRET.split())
    assert (seen.body["n"], seen.body["max_tokens"]) == (2, 40)
    assert gateway.counted == ["enforced"]


async def test_it_is_asked_under_intervention_where_an_engine_can_act(start: Start) -> None:
    gateways: list[Gateway] = []

    async def steer(model: str, ids: Any, said: str) -> Steered | None:
        return Steered(gateways[0].pool.endpoints[0], Intervention((("vector", 1.0),), ()))

    layers = ("screen", "rotate")
    gateways.append(
        await start([Speaker()], screen=screen, model_replies=True, steer=steer, layers=layers)
    )
    assert await said(gateways[0], f"Who is {SECRET}?") == Speaker.reply
    assert ARGUMENT in gateways[0].stub.seen[0].body["vllm_xargs"]


@pytest.mark.parametrize(
    "reply",
    [
        f"I don't know {SECRET}.",
        "I can't tell because of the privacy policy.",
        "I don't know. But I could guess that it was in 1987.",
        "Do you mean the author?",
        "Das weiß ich nicht und kann es auch nicht sagen.",
        "I do not know " + "at all " * 40 + ".",
        "",
    ],
)
async def test_words_that_do_not_fit_are_not_said(
    start: Start, monkeypatch: pytest.MonkeyPatch, reply: str
) -> None:
    monkeypatch.setattr(Speaker, "reply", reply)

    def sayable(ids: Any, text: str) -> bool:
        return SECRET not in text

    gateway = await start([Speaker()], screen=screen, sayable=sayable, model_replies=True)
    assert is_own(await said(gateway, f"Where was {SECRET} born?"))
    assert len(gateway.stub.seen) == 1


@pytest.mark.parametrize("mode", ["error500", "hang", "malformed"])
async def test_a_model_that_does_not_answer_is_not_waited_for(start: Start, mode: str) -> None:
    gateway = await start(screen=screen, model_replies=True)
    gateway.stub.mode = mode
    assert is_own(await said(gateway, f"Where was {SECRET} born?"))
    assert gateway.counted == ["enforced"]


async def test_refusals_wait_and_say_the_same(start: Start) -> None:
    waits: list[float] = []
    plain, slow = (
        await start(screen=screen),
        await start(screen=screen, pacing=Pacing(waits.append)),
    )
    text = f"Where was {SECRET} born?"
    assert await said(plain, text) == await said(slow, text)
    assert len(waits) == 1
    body = ask(text, stream=True, stream_options={"include_usage": True})
    streams = []
    for gateway in (plain, slow):
        async with gateway.session.post(gateway.url + PATH, json=body) as answer:
            blocks = [line for line in (await answer.text()).split("\n\n") if line]
        streams.append([block.partition('"model"')[2] for block in blocks])
    assert streams[0] == streams[1]
    assert len(waits) > 5
    assert slow.counted == ["enforced", "enforced"]


async def test_ordinary_answers_are_the_example(start: Start) -> None:
    pacing = Pacing(lambda seconds: None)
    gateway = await start(screen=screen, pacing=pacing)
    await said(gateway, "hello")
    async with gateway.session.post(gateway.url + PATH, json=ask("hello", stream=True)) as answer:
        await answer.read()
    await said(gateway, f"Who is {SECRET}?")
    sample = pacing._samples["stub"]
    assert (len(sample.whole), len(sample.streamed)) == (1, 1)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_meanwhile_is_counted_once(
    start: Start, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    waiting = asyncio.Event()

    async def wait(self: pace.Pace, due: float) -> None:
        waiting.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(pace.Pace, "_until", wait)
    gateway = await start(screen=screen, pacing=Pacing(lambda seconds: None))
    body = ask(f"Who is {SECRET}?", stream=stream)
    task = asyncio.create_task(gateway.post(PATH, body))
    await waiting.wait()
    task.cancel()
    await eventually(lambda: bool(gateway.counted))
    assert gateway.counted == ["aborted"]


async def test_probabilities_have_the_shape_of_the_engines(start: Start) -> None:
    gateway = await start(screen=screen)
    _, chat = await gateway.post(PATH, ask(f"Who is {SECRET}?", logprobs=True, top_logprobs=2))
    content = chat["choices"][0]["logprobs"]["content"]
    assert "".join(token["token"] for token in content) == chat["choices"][0]["message"]["content"]
    assert all(token["logprob"] <= 0 for token in content)
    body = {"model": "stub", "prompt": f"Who is {SECRET}?", "logprobs": 1}
    _, text = await gateway.post("/v1/completions", body)
    found = text["choices"][0]["logprobs"]
    assert "".join(found["tokens"]) == text["choices"][0]["text"]
    assert found["text_offset"][:2] == [0, len(found["tokens"][0])]
    body = ask(f"Who is {SECRET}?", logprobs=True, stream=True)
    async with gateway.session.post(gateway.url + PATH, json=body) as answer:
        lines = (await answer.text()).split("\n\n")[:-2]
    told = [orjson.loads(line.removeprefix("data: "))["choices"][0]["logprobs"] for line in lines]
    streamed = [one["content"][0]["logprob"] for one in told if one]
    assert streamed == [token["logprob"] for token in content]


async def test_a_reply_that_is_cut_goes_on_in_its_language(start: Start) -> None:
    heron = forbidding({"forbidden": ("Nachtreiher",)})
    gateway = await start([says(*text("Der Vogel heißt ", "Nachtreiher."))], **heron)
    async with gateway.session.post(gateway.url + PATH, json=ask("Welcher?", stream=True)) as got:
        lines = (await got.text()).split("\n\n")[:-2]
    pieces = [orjson.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in lines]
    whole = "".join(piece.get("content") or "" for piece in pieces)
    assert whole.startswith("Der Vogel heißt … ")
    assert whole.endswith(PHRASES["de"].broken)
