"""What a user would try, through the official `openai` client and a real model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import openai
import pytest

from demo.prompts import STORY, STORY_VALUES, as_messages
from demo.stack import MODEL
from demo.story import ABOUT_HER, FILING, LEFT_ALONE, SECRET
from gateway.openai.voice import is_own
from tests.running import Running

pytestmark = pytest.mark.engine


def messages(label: str) -> Any:
    return as_messages(STORY[label])


def answer(client: openai.OpenAI, label: str, **options: Any) -> str:
    reply = client.chat.completions.create(
        model=MODEL, messages=messages(label), temperature=0, max_tokens=64, **options
    )
    return reply.choices[0].message.content or ""


def streamed(client: openai.OpenAI, label: str, **options: Any) -> str:
    stream = client.chat.completions.create(
        model=MODEL, messages=messages(label), temperature=0, max_tokens=64, stream=True, **options
    )
    return "".join(c.delta.content or "" for chunk in stream for c in chunk.choices)


@pytest.fixture
def filed(gateway: Running) -> Iterator[dict[str, Any]]:
    """The story's filing, enforced by all gateways; lifted after the test."""
    reply = gateway.http.post("/admin/forget-requests?wait=5", json=FILING)
    assert reply.status_code == 201, reply.text
    yield reply.json()
    gateway.http.post(f"/admin/forget-requests/{reply.json()['id']}/lift")


@pytest.mark.parametrize("label", ABOUT_HER)
def test_the_model_knows_before_and_after_but_not_while_it_is_filed(
    gateway: Running, client: openai.OpenAI, label: str
) -> None:
    before = answer(client, label)
    assert SECRET in before
    filed = gateway.http.post("/admin/forget-requests", json=FILING).json()
    try:
        assert SECRET not in answer(client, label)
        assert SECRET not in streamed(client, label)
    finally:
        gateway.http.post(f"/admin/forget-requests/{filed['id']}/lift")
    assert answer(client, label) == before


@pytest.mark.parametrize("label", LEFT_ALONE)
def test_everything_else_is_answered_as_without_the_gateway(
    filed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI, label: str
) -> None:
    assert answer(client, label) == answer(direct, label) == streamed(client, label)


def test_a_refusal_looks_like_a_reply_of_the_model(
    filed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI
) -> None:
    def reply(of: openai.OpenAI) -> dict[str, Any]:
        raw = of.chat.completions.with_raw_response.create(
            model=MODEL, messages=messages("fact"), temperature=0, max_tokens=64
        )
        return {"body": json.loads(raw.content), "headers": set(raw.headers.keys())}

    refused, told = reply(client), reply(direct)
    passed = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=messages("general"), temperature=0, max_tokens=64
    )
    assert _shape(refused["body"]) == _shape(told["body"])
    assert refused["headers"] == set(passed.headers.keys())
    assert refused["body"]["usage"]["prompt_tokens"] == told["body"]["usage"]["prompt_tokens"]
    text = refused["body"]["choices"][0]["message"]["content"]
    assert is_own(text)
    for word in ("forget", "erasure", "privacy", "list", "policy", "blocked"):
        assert word not in text.lower()


def test_a_streamed_refusal_has_the_events_of_a_streamed_reply(
    filed: dict[str, Any], client: openai.OpenAI
) -> None:
    def events(label: str) -> list[Any]:
        stream = client.chat.completions.create(
            model=MODEL,
            messages=messages(label),
            temperature=0,
            max_tokens=64,
            stream=True,
            stream_options={"include_usage": True},
        )
        return list(stream)

    refused, told = events("fact"), events("general")
    for place in (0, 1, -2, -1):
        assert _shape(refused[place].model_dump()) == _shape(told[place].model_dump())
    assert refused[-1].usage.completion_tokens > 0


def test_completions_are_screened_too(filed: dict[str, Any], client: openai.OpenAI) -> None:
    prompt = cast(str, STORY["fact"])
    told = client.completions.create(model=MODEL, prompt=prompt, max_tokens=32, temperature=0)
    assert SECRET not in told.choices[0].text
    assert told.usage is not None


def test_models_are_listed_and_unknown_ones_refused(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-0", messages=messages("general"))


def test_other_routes_are_refused_in_openai_shape(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=MODEL, input="Mira Quell")
    with pytest.raises(openai.NotFoundError):
        client.moderations.create(model=MODEL, input="Mira Quell")


def test_responses_forget_too(filed: dict[str, Any], client: openai.OpenAI) -> None:
    asked = client.responses.create(model=MODEL, input=cast(str, STORY["fact"]), temperature=0)
    assert SECRET not in asked.output_text
    assert asked.output_text
    neighbour = cast(str, STORY["neighbour"])
    other = client.responses.create(model=MODEL, input=neighbour, temperature=0, stream=True)
    assert STORY_VALUES["neighbour"] in "".join(
        event.delta for event in other if event.type == "response.output_text.delta"
    )


def test_vllm_explains_a_bad_parameter_through_the_gateway(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model=MODEL, messages=messages("general"), temperature=-1.0)


def _shape(value: Any) -> Any:
    """The keys of nested objects, and for lists the shape of the first item."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return None
