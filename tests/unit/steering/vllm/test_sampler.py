"""Bans in vLLM's own sampler, where penalties and temperatures follow on them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import LogitsProcessors
from vllm.v1.sample.metadata import SamplingMetadata
from vllm.v1.sample.sampler import Sampler

from steering.vllm.processor import Bans
from tests.unit.steering.vllm import test_processor
from tests.unit.steering.vllm.test_processor import BY_THE, CPU, SIZE, asking, config, ids, update

held = test_processor.held

LAKE = ids(" lake")[0]
ROUNDS = 20


def admitted(params: SamplingParams) -> bool:
    try:
        Bans.validate_params(params)
    except ValueError:
        return False
    return True


def said(params: SamplingParams) -> set[int]:
    """Tokens that are sampled where the banned one is by far most probable, and in the prompt."""
    bans = Bans(config(), CPU, False)
    bans.update_state(update([(0, params, [LAKE, *BY_THE], [])]))

    def one(value: float) -> torch.Tensor:
        return torch.tensor([value], dtype=torch.float32)

    greedy = params.temperature == 0
    metadata = SamplingMetadata(
        temperature=None if greedy else one(params.temperature),
        all_greedy=greedy,
        all_random=not greedy,
        top_p=one(params.top_p),
        top_k=None,
        generators={},
        max_num_logprobs=None,
        no_penalties=False,
        prompt_token_ids=torch.tensor([[LAKE, *BY_THE]]),
        frequency_penalties=one(params.frequency_penalty),
        presence_penalties=one(params.presence_penalty),
        repetition_penalties=one(params.repetition_penalty),
        output_token_ids=[[]],
        allowed_token_ids_mask=None,
        bad_words_token_ids={},
        logitsprocs=LogitsProcessors([bans]),
    )
    found = set()
    for seed in range(ROUNDS):
        torch.manual_seed(seed)
        logits = torch.linspace(-20, 20, SIZE)[None].clone()
        logits[0, LAKE] = 80.0
        sampled = Sampler("processed_logprobs")(logits, metadata).sampled_token_ids
        found.add(int(sampled[0, 0]))
    return found


@pytest.mark.parametrize("temperature", [0.0, 0.01, 2.0])
@pytest.mark.parametrize(
    "extreme",
    [
        {},
        *({"repetition_penalty": value} for value in (1e-46, 1e-40, 1e-38, 1e-3, 1e3, 1e38, 1e39)),
        {"frequency_penalty": -2.0, "presence_penalty": -2.0},
        {"top_p": 1e-46},
        {"top_p": 1e-30},
    ],
)
def test_whatever_is_admitted_lifts_no_ban(extreme: dict[str, Any], temperature: float) -> None:
    params = asking("a", temperature=temperature, **extreme)
    if admitted(params):
        assert LAKE not in said(params)
    else:
        assert extreme.keys() == {"repetition_penalty"}


def test_a_penalty_that_would_lift_a_ban_is_refused_under_an_intervention_alone() -> None:
    for value in (1e-46, 9e-4, 1001.0, 1e39):
        assert not admitted(asking("a", temperature=0.0, repetition_penalty=value))
        assert admitted(SamplingParams(repetition_penalty=value))
    assert LAKE in said(asking("a", temperature=0.0, repetition_penalty=1e-46))
