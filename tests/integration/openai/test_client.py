"""The official client, unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from openai import BadRequestError, NotFoundError
from openai.types.chat import ChatCompletionMessageParam

from gateway.openai.voice import WORDINGS
from guards import Conversation, Match, Verdict
from tests.integration.openai.conftest import SECRET, Gateway, Start

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
ASK: list[ChatCompletionMessageParam] = [{"role": "user", "content": f"Who is {SECRET}?"}]


async def test_models(gateway: Gateway) -> None:
    models = [model async for model in gateway.client.models.list()]
    assert [model.id for model in models] == ["stub"]
    assert not hasattr(models[0], "root"), "the folder of a model is nobody's business"
    assert (await gateway.client.models.retrieve("stub")).id == "stub"
    with pytest.raises(NotFoundError):
        await gateway.client.models.retrieve("some/other")


async def test_an_allowed_chat_passes(gateway: Gateway) -> None:
    reply = await gateway.client.chat.completions.create(model="stub", messages=HELLO, seed=3)
    assert reply.choices[0].message.content == "This is a stub answer."
    assert gateway.stub.seen[0].body == {"model": "stub", "messages": HELLO, "seed": 3}
    assert gateway.counted == ["allowed"]


async def test_an_allowed_stream_passes(gateway: Gateway) -> None:
    stream = await gateway.client.chat.completions.create(model="stub", messages=HELLO, stream=True)
    said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert said == " w0 w1 w2 w3 w4 w5 w6"
    assert gateway.counted == ["allowed"]


async def test_completions_pass(gateway: Gateway) -> None:
    reply = await gateway.client.completions.create(model="stub", prompt="hello")
    assert reply.choices[0].text == "This is a stub answer."
    stream = await gateway.client.completions.create(model="stub", prompt="hello", stream=True)
    assert "".join([chunk.choices[0].text async for chunk in stream]).startswith(" w0")


async def test_only_three_headers_travel_upstream(gateway: Gateway) -> None:
    await gateway.client.chat.completions.create(
        model="stub", messages=HELLO,
        extra_headers={"X-Request-Id": "mine", "X-Secret": "s", "Cookie": "c=1"},
    )  # fmt: skip
    headers = gateway.stub.seen[0].headers
    assert headers.pop("x-request-id").startswith("mine-")
    assert headers.pop("authorization") == "Bearer upstream key"
    assert headers.pop("content-type") == "application/json"
    assert headers.keys() <= {"host", "content-length"}


@pytest.mark.parametrize("text", [f"Who is {SECRET}?", "perhaps"])
async def test_a_flagged_chat_is_refused_and_the_model_not_asked(
    gateway: Gateway, text: str
) -> None:
    reply = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": text}]
    )
    assert reply.choices[0].message.content in WORDINGS
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert reply.usage.prompt_tokens == len(text.split())
    assert not gateway.stub.seen
    assert gateway.counted == ["enforced"]


async def test_a_flagged_stream_says_the_same(gateway: Gateway) -> None:
    whole = await gateway.client.chat.completions.create(model="stub", messages=ASK, seed=1)
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=ASK, seed=1, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == whole.choices[0].message.content
    assert len(chunks) > 5
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


async def test_a_flagged_completion_is_refused_for_every_prompt(gateway: Gateway) -> None:
    reply = await gateway.client.completions.create(
        model="stub", prompt=["hello", f"{SECRET} is"], n=2, max_tokens=64
    )
    assert [choice.index for choice in reply.choices] == [0, 1, 2, 3]
    assert {choice.text for choice in reply.choices} <= set(WORDINGS)
    assert not gateway.stub.seen


async def test_tools_are_screened_and_refused_in_plain_text(gateway: Gateway) -> None:
    tool: Any = {"type": "function", "function": {"name": "f", "description": f"finds {SECRET}"}}
    reply = await gateway.client.chat.completions.create(model="stub", messages=HELLO, tools=[tool])
    assert reply.choices[0].message.content in WORDINGS
    assert reply.choices[0].message.tool_calls is None


async def test_what_is_only_observed_passes_untouched(start: Start) -> None:
    observed: list[str] = []

    async def screen(conversation: Conversation) -> Verdict:
        match = Match("fr_1", 1.0, 0.9, "name", {"name": 1.0}, "folded", (0, 4), 0, enforced=False)
        return Verdict("allow", 1, (match,))

    gateway = await start(screen=screen, observe=observed.extend)
    reply = await gateway.client.chat.completions.create(model="stub", messages=ASK, seed=3)
    assert reply.choices[0].message.content == "This is a stub answer."
    assert gateway.stub.seen[0].body == {"model": "stub", "messages": ASK, "seed": 3}
    assert gateway.counted == ["allowed"]
    assert observed == ["fr_1"]


class TestForgetIntent:
    """A text that the gateway has for a chat's last message is the answer."""

    @pytest.fixture
    async def asked(self, start: Start) -> tuple[Gateway, list[tuple[str, str | None]]]:
        seen: list[tuple[str, str | None]] = []

        async def forget(
            text: str, caller: str | None, headers: Mapping[str, str], covered: bool
        ) -> str | None:
            seen.append((text, caller))
            assert headers["authorization"] == "Bearer client key"
            return "Noted as fr_12." if "forget" in text else None

        return await start(forget=forget), seen

    async def test_whole_and_streamed_alike(
        self, asked: tuple[Gateway, list[tuple[str, str | None]]]
    ) -> None:
        gateway, seen = asked
        ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": "forget me"}]
        whole = await gateway.client.chat.completions.create(
            model="stub", messages=ask, user="Gesa Holm", n=2
        )
        assert [choice.message.content for choice in whole.choices] == ["Noted as fr_12."] * 2
        stream = await gateway.client.chat.completions.create(
            model="stub", messages=ask, stream=True, safety_identifier="u-7"
        )
        said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
        assert said == "Noted as fr_12."
        assert seen == [("forget me", "Gesa Holm"), ("forget me", "u-7")]
        assert gateway.counted == ["forget_intent"] * 2
        assert not gateway.stub.seen

    @pytest.mark.parametrize(
        ("messages", "fields"),
        [
            ([{"role": "user", "content": "forget"}, {"role": "assistant", "content": "I"}], {}),
            ([{"role": "user", "content": "forget"}], {"response_format": {"type": "json_object"}}),
        ],
    )
    async def test_is_not_asked_where_a_text_is_no_answer(
        self,
        asked: tuple[Gateway, list[tuple[str, str | None]]],
        messages: list[ChatCompletionMessageParam],
        fields: dict[str, Any],
    ) -> None:
        gateway, seen = asked
        await gateway.client.chat.completions.create(model="stub", messages=messages, **fields)
        assert seen == []

    async def test_what_is_covered_is_told_so(self, start: Start) -> None:
        seen: list[bool] = []

        async def forget(
            text: str, caller: str | None, headers: Mapping[str, str], covered: bool
        ) -> str | None:
            seen.append(covered)
            return None

        gateway = await start(forget=forget)
        for text in ("forget Tom Hart", f"forget {SECRET}"):
            ask: list[ChatCompletionMessageParam] = [{"role": "user", "content": text}]
            await gateway.client.chat.completions.create(model="stub", messages=ask)
        assert seen == [False, True]
        assert gateway.counted == ["allowed", "enforced"]

    async def test_no_other_text_is_answered(
        self, asked: tuple[Gateway, list[tuple[str, str | None]]]
    ) -> None:
        gateway, _ = asked
        reply = await gateway.client.chat.completions.create(model="stub", messages=HELLO)
        assert reply.choices[0].message.content == "This is a stub answer."
        assert gateway.counted == ["allowed"]


async def test_a_refusal_has_the_headers_of_an_answer(gateway: Gateway) -> None:
    for stream in (False, True):
        kinds = []
        for messages in (HELLO, ASK):
            reply = await gateway.client.chat.completions.with_raw_response.create(
                model="stub", messages=messages, stream=stream
            )
            values = {k: v for k, v in reply.headers.items() if k not in ("date", "content-length")}
            assert len(values.pop("x-request-id")) == 32
            kinds.append(values)
            await reply.http_response.aread()
        assert kinds[0] == kinds[1]


async def test_a_refusal_carries_the_fingerprint_of_the_engine(gateway: Gateway) -> None:
    answer = await gateway.client.chat.completions.create(model="stub", messages=HELLO)
    refusal = await gateway.client.chat.completions.create(model="stub", messages=ASK)
    assert refusal.system_fingerprint == answer.system_fingerprint == "stub-1"


async def test_usage_is_estimated_without_a_tokenizer(start: Start) -> None:
    gateway = await start()
    gateway.stub.tokenizer = False
    reply = await gateway.client.chat.completions.create(model="stub", messages=ASK)
    assert reply.usage is not None
    assert reply.usage.prompt_tokens > 0


async def test_a_field_that_is_not_allowed_is_named(gateway: Gateway) -> None:
    with pytest.raises(BadRequestError) as caught:
        await gateway.client.chat.completions.create(
            model="stub", messages=HELLO, extra_body={"use_beam_search": True}
        )
    assert caught.value.param == "use_beam_search"
    assert caught.value.type == "invalid_request_error"
    assert not gateway.stub.seen


async def test_an_unknown_model(gateway: Gateway) -> None:
    with pytest.raises(NotFoundError) as caught:
        await gateway.client.chat.completions.create(model="other", messages=ASK)
    assert caught.value.code == "model_not_found"


async def test_screening_may_be_told_not_to_act(start: Start) -> None:
    gateway = await start(layers=("filter",))
    reply = await gateway.client.chat.completions.create(model="stub", messages=ASK)
    assert reply.choices[0].message.content == "This is a stub answer."


async def test_without_a_verdict_the_request_is_refused(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "crash on this private text"}]
    )
    assert reply.choices[0].message.content in WORDINGS
    assert gateway.counted == ["bypassed_error"]
    assert "private text" not in caplog.text
