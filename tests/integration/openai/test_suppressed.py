"""Flagged requests that an engine answers under intervention, and when they are refused instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

import pytest

from gateway.engines import Steered
from gateway.openai.voice import WORDINGS
from steering import ARGUMENT, Intervention
from tests.integration.openai.conftest import SECRET, Gateway, Start

UNSURE = {"model": "stub", "messages": [{"role": "user", "content": "perhaps"}]}
SURE = {"model": "stub", "messages": [{"role": "user", "content": f"Who is {SECRET}?"}]}
PLAIN = {"model": "stub", "messages": [{"role": "user", "content": "hello"}]}
INTERVENTION = Intervention((("vector", 1.0),), ("bans",))
PATH = "/v1/chat/completions"
LAYERS = ("screen", "rotate", "ban")

Begin = Callable[..., Awaitable[Gateway]]


@pytest.fixture
def begin(start: Start) -> Begin:
    """Starts a gateway whose first engine can be steered, unless `able` is false."""

    async def begin_one(*, able: bool = True, layers: Collection[str] = LAYERS) -> Gateway:
        gateways: list[Gateway] = []

        async def steer(model: str, ids: Collection[str], said: str) -> Steered | None:
            endpoint = gateways[0].pool.endpoints[0]
            return Steered(endpoint, INTERVENTION) if able else None

        gateways.append(await start(steer=steer, layers=layers))
        return gateways[0]

    return begin_one


def refused(answer: Any) -> bool:
    return answer["choices"][0]["message"]["content"] in WORDINGS


async def test_an_unsure_match_is_generated_under_intervention(begin: Begin) -> None:
    gateway = await begin()
    status, answer = await gateway.post(PATH, UNSURE | {"vllm_xargs": {"mine": 1}})
    assert status == 200
    assert not refused(answer)
    body = gateway.stub.seen[0].body
    assert body["vllm_xargs"] == {"mine": 1, ARGUMENT: INTERVENTION.as_text()}
    assert body["messages"] == UNSURE["messages"]
    assert gateway.counted == ["enforced"]


async def test_a_sure_match_is_refused(begin: Begin) -> None:
    gateway = await begin()
    assert refused((await gateway.post(PATH, SURE))[1])
    assert not gateway.stub.seen


async def test_what_touches_nothing_travels_untouched(begin: Begin) -> None:
    gateway = await begin()
    await gateway.post(PATH, PLAIN)
    assert gateway.stub.seen[0].body == PLAIN
    assert gateway.counted == ["allowed"]


@pytest.mark.parametrize("more", [{}, {"stream": True}])
async def test_it_is_refused_while_no_engine_can(begin: Begin, more: dict[str, Any]) -> None:
    gateway = await begin(able=False)
    async with gateway.session.post(gateway.url + PATH, json=UNSURE | more) as answer:
        assert answer.status == 200
        assert "stub" not in (await answer.text()).replace('"model":"stub"', "")
    assert not gateway.stub.seen
    assert gateway.counted == ["enforced"]


async def test_a_stream_is_steered_too(begin: Begin) -> None:
    gateway = await begin()
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "perhaps"}], stream=True
    )
    said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert said.strip().startswith("w0")
    assert ARGUMENT in gateway.stub.seen[0].body["vllm_xargs"]
    assert gateway.counted == ["enforced"]


async def test_caches_are_shared_by_nobody_who_is_steered_otherwise(begin: Begin) -> None:
    gateway = await begin()
    for body in (UNSURE, UNSURE | {"cache_salt": "a"}, UNSURE | {"cache_salt": "b"}, UNSURE):
        await gateway.post(PATH, body)
    salts = [seen.body["cache_salt"] for seen in gateway.stub.seen]
    assert len(set(salts)) == 3
    assert salts[0] == salts[3]
    await gateway.post(PATH, PLAIN | {"cache_salt": "a"})
    assert gateway.stub.seen[-1].body["cache_salt"] not in salts


@pytest.mark.parametrize(
    "more",
    [
        {"logprobs": True, "top_logprobs": 2},
        {"response_format": {"type": "json_object"}},
    ],
)
async def test_what_a_refusal_cannot_give_is_generated_instead(
    begin: Begin, more: dict[str, Any]
) -> None:
    gateway = await begin()
    assert not refused((await gateway.post(PATH, SURE | more))[1])
    assert ARGUMENT in gateway.stub.seen[0].body["vllm_xargs"]
    unable = await begin(able=False)
    await unable.post(PATH, SURE | more)
    assert not unable.stub.seen


async def test_without_the_screen_everything_flagged_is_steered(begin: Begin) -> None:
    gateway = await begin(layers=("rotate", "ban"))
    assert not refused((await gateway.post(PATH, SURE))[1])
    assert ARGUMENT in gateway.stub.seen[0].body["vllm_xargs"]
    # Fail closed: what should have been steered and cannot be is not told.
    unable = await begin(able=False, layers=("rotate", "ban"))
    assert refused((await unable.post(PATH, SURE))[1])


async def test_without_any_acting_layer_it_is_answered(start: Start) -> None:
    gateway = await start(layers=("filter",))
    assert not refused((await gateway.post(PATH, SURE))[1])
    assert gateway.stub.seen[0].body == SURE


async def test_an_engine_that_does_not_hold_the_rule_any_more(begin: Begin) -> None:
    gateway = await begin()
    gateway.stub.mode = "not_held"
    status, answer = await gateway.post(PATH, UNSURE)
    assert status == 200
    assert refused(answer)
    assert gateway.counted == ["enforced"]


async def test_only_the_engine_that_was_chosen_may_answer(begin: Begin) -> None:
    gateway = await begin()
    gateway.stub.mode = "error500"
    status, _ = await gateway.post(PATH, UNSURE)
    assert status == 502
    assert gateway.counted == ["enforced"]


SHAPED = {"response_format": {"type": "json_object"}}


async def test_a_structure_that_the_bans_leave_no_token_for_ends_as_filtered(begin: Begin) -> None:
    gateway = await begin()
    gateway.stub.mode = "error500"
    status, answer = await gateway.post(PATH, UNSURE | SHAPED | {"n": 2})
    assert status == 200
    assert [choice["finish_reason"] for choice in answer["choices"]] == ["content_filter"] * 2
    assert not any(choice["message"]["content"] for choice in answer["choices"])
    assert gateway.counted == ["enforced"]
    status, _ = await gateway.post(PATH, PLAIN | SHAPED)
    assert status == 502
    gateway.pool.endpoints[0].healthy = True
    gateway.stub.mode = "malformed"
    status, _ = await gateway.post(PATH, UNSURE | SHAPED)
    assert status == 502


async def test_a_steered_engine_tells_no_alternatives(begin: Begin) -> None:
    gateway = await begin()
    await gateway.post(PATH, UNSURE | {"logprobs": True, "top_logprobs": 5})
    await gateway.post("/v1/completions", {"model": "stub", "prompt": "perhaps", "logprobs": 5})
    chat, completion = (seen.body for seen in gateway.stub.seen)
    assert (chat["logprobs"], chat["top_logprobs"]) == (True, 0)
    assert completion["logprobs"] == 0
    await gateway.post(PATH, PLAIN | {"logprobs": True, "top_logprobs": 5})
    assert gateway.stub.seen[-1].body["top_logprobs"] == 5


async def test_a_stream_of_an_engine_that_does_not_hold_the_rule_is_refused(begin: Begin) -> None:
    gateway = await begin()
    gateway.stub.mode = "not_held_stream"
    stream = await gateway.client.chat.completions.create(
        model="stub", messages=[{"role": "user", "content": "perhaps"}], stream=True
    )
    said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert said in WORDINGS
    assert gateway.counted == ["enforced"]


async def test_a_tool_that_must_be_called_is_generated_instead_of_refused(begin: Begin) -> None:
    gateway = await begin()
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    await gateway.post(PATH, SURE | {"tools": [tool], "tool_choice": "required"})
    assert ARGUMENT in gateway.stub.seen[0].body["vllm_xargs"]
