"""Engines that start anew, and engines that must not start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from demo.stack import MODEL_DIR, running_engine
from tests.integration.engine.speaking import Engine

pytestmark = [pytest.mark.slow, pytest.mark.engine]

PROMPT = "Once upon a time there was a town by the sea."


def test_an_engine_that_was_restarted_has_forgotten_and_says_so(tmp_path: Path) -> None:
    with running_engine(tmp_path / "first.log") as url, Engine(url) as engine:
        first, acting = engine.status(), engine.intervention()
        plain, steered = engine.answer(PROMPT), engine.answer(PROMPT, acting)
        assert steered != plain
    with running_engine(tmp_path / "second.log") as url, Engine(url) as engine:
        second = engine.status()
        assert second["boot_id"] != first["boot_id"]
        assert (second["epoch"], second["revision"], second["rules"]) == (None, 0, 0)
        assert second["model"] == first["model"]
        assert engine.complete(PROMPT, acting).status_code == 400
        assert engine.answer(PROMPT) == plain
        assert engine.intervention() == acting
        assert engine.answer(PROMPT, acting) == steered


@pytest.mark.parametrize(
    ("options", "variables", "said"),
    [
        (["--pipeline-parallel-size", "2"], {}, "pipeline parallelism"),
        ([], {"LETHE_STEERING_LAYERS": "4"}, "numbers from 0 to 3"),
        ([], {"VLLM_USE_V2_MODEL_RUNNER": "1"}, "V1 model runner"),
        (["--enable-lora"], {}, "LoRA adapters"),
        (["--runner", "pooling"], {}, "only generative models"),
        (
            [
                "--speculative-config",
                '{"method": "ngram", "num_speculative_tokens": 2, "prompt_lookup_max": 2}',
            ],
            {},
            "--speculative-config",
        ),
    ],
)
def test_an_engine_that_cannot_be_steered_does_not_start(
    options: list[str], variables: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(MODEL_DIR),
            "--host", "127.0.0.1", "--port", "0", "--max-model-len", "64", *options,
        ],
        env={**os.environ, "VLLM_PLUGINS": "lethe", "HF_HUB_OFFLINE": "1", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Unsupported" in done.stderr
    assert said in done.stderr
