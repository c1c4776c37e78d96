"""Steering in a running engine: it acts at once, and on nobody else."""

from __future__ import annotations

import secrets

import pytest

from steering import ARGUMENT, Intervention
from tests.integration.engine.speaking import Engine, apart

pytestmark = pytest.mark.engine

PROMPT = "Once upon a time there was a town by the sea with a lighthouse."
OTHER = "The library of the town has many books about"
LONG = " ".join([PROMPT, OTHER] * 5)
"""Several blocks of the prefix cache."""

ROUNDING = 1e-3
"""In a batch, kernels round otherwise than alone: log probabilities in float32 move by 1e-5."""


def test_the_engine_proves_that_it_steers(engine: Engine) -> None:
    status = engine.status()
    assert status["self_test"] == "passed", status["self_test_detail"]
    assert status["logprobs_mode"] == "processed_logprobs"
    assert status["model"]["id"] == "lethe-demo"
    assert status["model"]["steered_layers"] == [1]
    assert status["counters"]["failed_closed"] == 0


def test_a_vector_acts_once_it_is_pushed_and_on_every_token(engine: Engine) -> None:
    plain = engine.answer(PROMPT)
    acting = engine.intervention()
    before = engine.counter("fired")
    steered = engine.answer(PROMPT, acting, max_tokens=8, ignore_eos=True)
    assert apart(steered, plain) > 0.1
    usage = engine.complete(PROMPT, acting, ignore_eos=True).json()["usage"]
    # The last token of an answer is never fed back; the second answer reads the first's prefix.
    first = usage["prompt_tokens"] + 8 - 1
    assert engine.counter("fired") - before >= first + 8


def test_others_are_answered_bit_for_bit_as_before(engine: Engine) -> None:
    acting = engine.intervention()
    before = engine.answer(PROMPT)
    for _ in range(2):
        engine.answer(PROMPT, acting)
        assert engine.answer(PROMPT) == before


@pytest.mark.parametrize("flagged", [0, 1, 2])
def test_in_a_mixed_batch_each_is_answered_as_alone(engine: Engine, flagged: int) -> None:
    acting = engine.interventions(2)
    asked = [
        (prompt, acting[i % 2] if i % 3 < flagged else None)
        for i, prompt in enumerate([PROMPT, OTHER, LONG] * 3)
    ]
    alone = [engine.answer(*one) for one in asked]
    for got, expected in zip(engine.answers(asked), alone, strict=True):
        assert apart(got, expected) < ROUNDING


@pytest.mark.parametrize("salt", [True, False])
@pytest.mark.parametrize("steered_first", [True, False])
def test_prefixes_are_not_shared_between_steered_and_plain(
    engine: Engine, salt: bool, steered_first: bool
) -> None:
    acting, other = engine.interventions(2)
    prompt = f"{salt} {steered_first}: {LONG}"
    turns: list[Intervention | None] = [acting, None, other]
    first = {}
    for one in turns if steered_first else turns[::-1]:
        first[one] = engine.answer(prompt, one, salt=salt)
    for one in turns:
        # What is computed anew, under a salt that nobody has, is the truth.
        fresh = engine.answer(prompt, one, salt=False, cache_salt=secrets.token_hex(8))
        assert apart(fresh, first[one]) < ROUNDING
        assert apart(engine.answer(prompt, one, salt=salt), first[one]) < ROUNDING
    assert apart(first[acting], first[None]) > 0.1
    assert apart(first[acting], first[other]) > 0.1


def test_all_choices_of_a_request_are_steered(engine: Engine) -> None:
    acting = engine.intervention()
    before = engine.counter("steered_tokens")
    answer = engine.complete(PROMPT, acting, n=3, temperature=1.0, seed=1, ignore_eos=True)
    assert len(answer.json()["choices"]) == 3
    assert engine.counter("steered_tokens") - before >= 3 * 7


def test_streams_and_chats_are_steered(engine: Engine) -> None:
    acting = engine.intervention()
    before = engine.counter("steered_tokens")
    with engine.http.stream(
        "POST",
        "/v1/chat/completions",
        json={
            "model": "lethe-demo",
            "messages": [{"role": "user", "content": PROMPT}],
            "stream": True,
            "max_tokens": 4,
            "vllm_xargs": {ARGUMENT: acting.as_text()},
        },
    ) as response:
        assert response.status_code == 200
        assert "[DONE]" in response.read().decode()
    assert engine.counter("steered_tokens") > before


def test_what_the_engine_does_not_hold_is_refused_never_passed(engine: Engine) -> None:
    acting = engine.intervention()
    engine.push()
    answer = engine.complete(PROMPT, acting)
    assert answer.status_code == 400
    assert "not held" in answer.json()["error"]["message"]
    assert engine.answer(PROMPT)


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"vectors":[["x",-1]],"bans":[],"penalty":null}']
)
def test_an_intervention_that_cannot_be_read_is_refused(engine: Engine, text: str) -> None:
    answer = engine.complete(PROMPT, vllm_xargs={ARGUMENT: text})
    assert answer.status_code == 400
    assert engine.answer(PROMPT)


def test_beam_search_under_an_intervention_is_refused(engine: Engine) -> None:
    answer = engine.complete(PROMPT, engine.intervention(), use_beam_search=True, n=2)
    assert answer.status_code == 400
    assert "beam search" in answer.json()["error"]["message"]


def test_a_repetition_penalty_that_would_lift_bans_is_refused(engine: Engine) -> None:
    acting = engine.intervention()
    for penalty in (1e-46, 1e39):
        answer = engine.complete(PROMPT, acting, repetition_penalty=penalty)
        assert answer.status_code == 400
        assert "repetition_penalty" in answer.json()["error"]["message"]
    assert engine.answer(PROMPT, acting, repetition_penalty=1.1)
