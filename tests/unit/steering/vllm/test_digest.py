"""The fingerprint of a model: the same for the same weights, another for others."""

from __future__ import annotations

import torch
from torch import nn

from steering.vllm.digest import fingerprint, joined

CONFIG = {"hidden_size": 8, "_name_or_path": "here", "transformers_version": "5"}


def model(seed: int = 0, dtype: torch.dtype = torch.float32) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8)).to(dtype)


def test_it_is_the_same_wherever_the_model_lies() -> None:
    here = {**CONFIG, "quantization": object()}
    elsewhere = {**here, "_name_or_path": "there", "quantization": object()}
    assert fingerprint(model(), "A", here) == fingerprint(model(), "A", elsewhere)


def test_it_is_another_for_other_weights_formats_configs_and_architectures() -> None:
    changed = model()
    with torch.no_grad():
        next(changed.parameters())[3, 3] += 1e-6
    prints = {
        fingerprint(model(), "A", CONFIG),
        fingerprint(model(1), "A", CONFIG),
        fingerprint(changed, "A", CONFIG),
        fingerprint(model(dtype=torch.bfloat16), "A", CONFIG),
        fingerprint(model(), "B", CONFIG),
        fingerprint(model(), "A", {**CONFIG, "hidden_size": 9}),
    }
    assert len(prints) == 6
    assert all(len(each) == 32 for each in prints)


def test_ranks_are_joined_in_order() -> None:
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) != joined(["b", "a"])
