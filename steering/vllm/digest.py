"""A fingerprint of a model: architecture, configuration and a sample of every parameter."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

_SAMPLE = 4_096
"""Elements that are read of each parameter, evenly spread: a fine-tuned model differs in nearly
all, and a model of 70 billion parameters is read in a second."""

_PASSING = ("_name_or_path", "transformers_version", "torch_dtype", "dtype")
"""Keys of a configuration that say nothing about what the model computes."""


def fingerprint(model: nn.Module, architecture: str, config: Mapping[str, Any]) -> str:
    """32 hexadecimal digits, the same after each start for the same weights and number format.

    The model must be as it was loaded: kernels may repack or empty parameters afterwards.
    """
    kept = {key: value for key, value in config.items() if key not in _PASSING}
    digest = hashlib.sha256(f"{architecture}|".encode())
    digest.update(json.dumps(kept, sort_keys=True, default=_kind).encode())
    for name, parameter in sorted(model.named_parameters()):
        digest.update(f"|{name}|{tuple(parameter.shape)}|{parameter.dtype}|".encode())
        digest.update(_sample(parameter.detach()))
    return digest.hexdigest()[:32]


def joined(digests: list[str]) -> str:
    """One fingerprint of the parts that the ranks of a tensor-parallel engine hold."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("|".join(digests).encode()).hexdigest()[:32]


def _kind(value: object) -> str:
    """What stands for a value that is no JSON: its own words may hold an address in memory."""
    return type(value).__name__


def _sample(values: torch.Tensor) -> bytes:
    flat = values.reshape(-1) if values.is_contiguous() else values.contiguous().view(-1)
    some = flat[:: max(1, flat.numel() // _SAMPLE)].contiguous()
    return some.view(torch.uint8).cpu().numpy().tobytes()
