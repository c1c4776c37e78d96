"""Captures through the running engine: the model's own activations, and nobody disturbed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from demo.stack import MODEL_DIR
from steering.vllm.captures import ARGUMENT
from tests.integration.engine.speaking import Engine

pytestmark = pytest.mark.engine

TEXTS = [
    "Who wrote the book about the lighthouse?\nA novelist from the town.",
    "The sea.",
    "A town with a library. " * 200,  # longer than the context
]
LONGEST = 511


def test_means_are_those_of_a_plain_forward(engine: Engine) -> None:
    tokens, means = engine.capture(TEXTS)
    model = AutoModelForCausalLM.from_pretrained(MODEL_DIR, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(MODEL_DIR)
    layer = engine.model["steered_layers"][0]
    for text, count, mean in zip(TEXTS, tokens, means, strict=True):
        ids = tokenizer(text, truncation=True, max_length=LONGEST)["input_ids"]
        assert count == len(ids)
        with torch.no_grad():
            states = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        expected = states[layer + 1][0, 1:].mean(0).numpy()
        np.testing.assert_allclose(mean, expected, rtol=1e-4, atol=1e-4 * abs(expected).max())


def test_captures_and_answers_do_not_disturb_each_other(engine: Engine) -> None:
    texts = [f"{text} {i}" for i in range(12) for text in TEXTS[:2]]
    acting = engine.intervention()
    tokens, alone = engine.capture(texts)
    plain, steered = engine.answer(TEXTS[0]), engine.answer(TEXTS[0], acting)
    with ThreadPoolExecutor(4) as pool:
        captured = [pool.submit(engine.capture, texts) for _ in range(2)]
        answered = [pool.submit(engine.answer, TEXTS[0]) for _ in range(8)]
        turned = [pool.submit(engine.answer, TEXTS[0], acting) for _ in range(8)]
        for found in captured:
            assert found.result()[0] == tokens
            np.testing.assert_allclose(found.result()[1], alone, rtol=1e-3, atol=1e-2)
        for got, expected in [(answered, plain), (turned, steered)]:
            for answer in got:
                assert answer.result()[0] == expected[0]
                assert answer.result()[1] == pytest.approx(expected[1], abs=1e-3)
    assert engine.answer(TEXTS[0]) == plain


def test_a_text_that_was_answered_before_is_captured_whole(engine: Engine) -> None:
    text = TEXTS[2][:1500]
    engine.answer(text)
    first, second = engine.capture([text]), engine.capture([text])
    assert first[0] == second[0]
    np.testing.assert_allclose(first[1], second[1], rtol=1e-5)


def test_nobody_else_can_capture(engine: Engine) -> None:
    plain = engine.answer(TEXTS[0])
    forged = engine.answer(TEXTS[0], vllm_xargs={ARGUMENT: "0" * 32})
    assert forged[0] == plain[0]
    assert forged[1] == pytest.approx(plain[1], abs=1e-3)


@pytest.mark.parametrize(
    "body",
    [{}, {"texts": []}, {"texts": [""]}, {"texts": ["a"], "layers": [0]}, {"texts": [1]}, "text"],
)
def test_bad_captures_are_refused_with_a_reason(engine: Engine, body: object) -> None:
    answer = engine.http.post("/v1/lethe/capture", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
