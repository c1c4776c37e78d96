"""Other models, other engines: what takes an engine of its own each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from demo.stack import MODEL_DIR
from tests.integration.engine.architectures import CONFIGURATIONS, build

pytestmark = [pytest.mark.slow, pytest.mark.engine]

Answer = list[list[Any]]


def offline(what: str, model: Path, *, plugin: bool = True) -> dict[str, Any]:
    """What `offline` tells, run in a process of its own."""
    environment = {
        **os.environ,
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
        "HF_HUB_OFFLINE": "1",
        "VLLM_PLUGINS": "lethe" if plugin else "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.engine.offline", what, str(model)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def apart(one: Answer, other: Answer) -> float:
    """How far log probabilities lie apart until the answers part; inf where they part at once."""
    if one[0][0] != other[0][0]:
        return float("inf")
    pairs = zip(one, other, strict=True)
    return max(float(abs(a[1] - b[1])) for a, b in pairs if a[0] == b[0])


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_an_architecture_is_steered_and_its_neighbours_are_not(name: str, tmp_path: Path) -> None:
    model = build(name, tmp_path / name)
    told = offline("steered", model)
    assert told["layers"] == 4
    assert told["failed"] == 0
    assert told["after"] == told["before"]
    assert told["steered"] != told["before"]
    assert told["fired"] == len(told["prompt"]) + len(told["before"]) - 1
    plain, steered, other = told["beside"]
    assert plain == told["beside_plain"][0]
    assert other == told["beside_plain"][2]
    assert steered != told["beside_plain"][1]
    assert apart(steered, told["steered"]) < 1e-3
    # Eager attention: another leaves out what Gemma 2 does to its logits.
    reference = AutoModelForCausalLM.from_pretrained(
        model, dtype=torch.float32, attn_implementation="eager"
    )
    with torch.no_grad():
        states = reference(torch.tensor([told["prompt"]]), output_hidden_states=True).hidden_states
    expected = states[told["layer"] + 1][0, 1:].mean(0).numpy()
    np.testing.assert_allclose(
        told["means"][0], expected, rtol=1e-3, atol=1e-3 * abs(expected).max()
    )


def test_unflagged_requests_are_bit_identical_to_plain_vllm() -> None:
    """Alone, and 32 at once with none, half and all of the others flagged."""
    plain, mixed = offline("plain", MODEL_DIR, plugin=False), offline("mixed", MODEL_DIR)
    assert mixed["alone"] == plain["alone"]
    assert mixed["together"] == plain["together"]
    for share in (0.0, 0.5, 1.0):
        assert mixed[f"again {share}"] == plain["alone"]
        for flagged, got, expected in zip(
            mixed[f"flagged {share}"], mixed[f"{share}"], plain["together"], strict=True
        ):
            assert (got != expected) if flagged else (got == expected)
    assert sum(mixed["flagged 0.5"]) == len(plain["together"]) / 2
