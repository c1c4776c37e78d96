"""Suppressed, not refused: the model answers as one that does not know, through every mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from demo.stack import MODEL
from demo.story import ABOUT_HER, FILING, SECRET
from folding import fold
from gateway.evaluation.text import tells
from gateway.openai.voice import is_own
from tests.acceptance.test_forgetting import answer, messages, streamed
from tests.running import Running

pytestmark = pytest.mark.engine

NAME = "Mira Quell"
_PATH = "/admin/forget-requests"


@pytest.fixture(scope="module")
def suppressed(gateway: Running) -> Iterator[dict[str, Any]]:
    """The story's filing, acting in the engine; lifted at the end."""
    reply = gateway.http.post(
        f"{_PATH}?wait=60&wait_for=engines", json=FILING | {"action": "suppress"}, timeout=90
    )
    assert reply.status_code == 201, reply.text
    yield reply.json()
    gateway.http.post(f"{_PATH}/{reply.json()['id']}/lift")


def holds(text: str, *strings: str) -> bool:
    return any(tells(text, [string]) for string in strings)


def test_the_officer_sees_that_every_layer_acts(
    gateway: Running, suppressed: dict[str, Any]
) -> None:
    enforcement = suppressed["enforcement"]
    assert enforcement["engines"] == {"live": 1, "acknowledged": 1, "silent": 0}
    assert {enforcement["layers"][layer] for layer in ("screen", "rotate", "ban")} == {"active"}
    (engine,) = gateway.http.get("/admin/status").json()["engines"]
    assert engine["self_test"] == "passed"
    assert engine["revision"] == suppressed["revision"]


@pytest.mark.parametrize("label", ABOUT_HER)
def test_the_model_answers_and_does_not_tell(
    suppressed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI, label: str
) -> None:
    assert SECRET in answer(direct, label)
    for told in (answer(client, label), streamed(client, label)):
        assert not holds(told, SECRET, NAME)
        assert told.strip()
        assert not is_own(told)


def test_however_often_it_is_sampled(suppressed: dict[str, Any], client: openai.OpenAI) -> None:
    for seed in range(4):
        reply = client.chat.completions.create(
            model=MODEL, messages=messages("fact"), temperature=1, n=16, seed=seed, max_tokens=48
        )
        assert len(reply.choices) == 16
        assert not any(holds(choice.message.content or "", SECRET) for choice in reply.choices)


def test_a_begun_answer_is_not_completed(
    suppressed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI
) -> None:
    prompt = f"Where was {NAME} born? {NAME} was born in Port"
    for of, knows in ((direct, True), (client, False)):
        told = of.completions.create(model=MODEL, prompt=prompt, max_tokens=8, temperature=0)
        assert fold(told.choices[0].text).text.strip().startswith("hale") == knows


def test_probabilities_and_structures_tell_nothing(
    suppressed: dict[str, Any], client: openai.OpenAI
) -> None:
    reply = client.chat.completions.create(
        model=MODEL, messages=messages("fact"), temperature=0, max_tokens=48, logprobs=True,
        top_logprobs=5,
    )  # fmt: skip
    probabilities = reply.choices[0].logprobs
    assert probabilities is not None
    assert probabilities.content
    # Its own tokens, and no alternatives, which could tell what was suppressed.
    assert not any(token.top_logprobs for token in probabilities.content)
    assert not holds("".join(token.token for token in probabilities.content), SECRET, NAME)
    shaped = client.chat.completions.create(
        model=MODEL, messages=messages("fact"), temperature=0, max_tokens=48,
        response_format={"type": "json_object"},
    )  # fmt: skip
    assert not holds(shaped.choices[0].message.content or "", SECRET)


def test_what_touches_nothing_is_answered_to_the_last_bit_as_without_the_gateway(
    suppressed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI
) -> None:
    def bits(of: openai.OpenAI) -> Any:
        reply = of.chat.completions.create(
            model=MODEL, messages=messages("neighbour"), temperature=0, max_tokens=48,
            logprobs=True, top_logprobs=3,
        )  # fmt: skip
        return json.loads(reply.choices[0].model_dump_json())

    before = bits(direct)
    answer(client, "fact")
    assert bits(client) == bits(direct) == before


def test_caches_are_not_poisoned_in_either_direction(
    suppressed: dict[str, Any], client: openai.OpenAI, direct: openai.OpenAI
) -> None:
    plain, steered = answer(direct, "fact"), answer(client, "fact")
    assert answer(direct, "fact") == plain
    assert answer(client, "fact") == steered
    assert SECRET in plain


def test_clients_cannot_intervene_themselves(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="lethe_intervention"):
        client.chat.completions.create(
            model=MODEL,
            messages=messages("general"),
            extra_body={"vllm_xargs": {"lethe_intervention": "{}"}},
        )
