"""Captures at the door, and means over the tokens of a text."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, cast

import numpy as np
import pytest

from steering import BadCall
from steering.vllm.captures import ARGUMENT, MOST_AT_ONCE
from steering.vllm.capturing import MOST_MEANS, Capturing, Wanted
from steering.vllm.client import Client, Model

MODEL = Model("m", "f" * 32, 2, 4, (1, 2))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {"texts": []},
        {"texts": "one"},
        {"texts": ["a", " "]},
        {"texts": ["a", 1]},
        {"texts": ["a"] * (MOST_MEANS // 2 + 1)},
        {"texts": ["a" * 100_001]},
        {"texts": ["a"], "layers": []},
        {"texts": ["a"], "layers": [3]},
        {"texts": ["a"], "layers": "1"},
        {"texts": ["a"], "layers": [[1]]},
        {"texts": ["a"], "layers": [True]},
    ],
)
def test_what_cannot_be_captured_is_refused(wrong: Any) -> None:
    with pytest.raises(BadCall):
        Wanted.from_json(wrong, MODEL)


def test_without_layers_all_that_are_steered_are_meant() -> None:
    assert Wanted.from_json({"texts": ["a"], "layers": None}, MODEL).layers == (1, 2)
    assert Wanted.from_json({"texts": ["a"], "layers": [2, 2]}, MODEL).layers == (2,)


class Engine:
    """Has a token for each character, and activations that count all but the first."""

    def __init__(self) -> None:
        self.announced: set[str] = set()
        self.seen: dict[str, int] = {}
        self.running = self.most = 0

    async def tokens(self, text: str) -> list[int]:
        return [ord(letter) for letter in text if letter != "?"]

    async def announce(self, nonces: list[str]) -> None:
        self.announced |= set(nonces)

    async def generate(self, tokens: list[int], **sampling: Any) -> None:
        assert sampling["max_tokens"] == 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.001)
        self.running -= 1
        nonce = sampling["extra_args"][ARGUMENT]
        assert nonce in self.announced
        self.seen[nonce] = sum(tokens[1:] or tokens)
        self.seen[nonce + " tokens"] = len(tokens)

    async def fetch(self, nonces: list[str]) -> list[dict[str, Any]]:
        (nonce,) = nonces
        self.announced.remove(nonce)
        sums = base64.b64encode(np.full(2, self.seen[nonce], "<f4").tobytes()).decode()
        return [{"tokens": self.seen[nonce + " tokens"], "sums": {"1": sums, "2": sums}}]


async def test_means_come_in_the_order_of_the_texts_and_few_run_at_once() -> None:
    engine = Engine()
    texts = tuple(chr(97 + i % 26) * (i + 1) for i in range(3 * MOST_AT_ONCE))
    answer = await Capturing(cast(Client, engine)).means(Wanted(texts, (2,)), MODEL)
    assert answer["model"] == MODEL.fingerprint
    assert answer["count"] == len(texts)
    assert answer["tokens"] == [len(text) for text in texts]
    assert set(answer["means"]) == {"2"}
    means = np.frombuffer(base64.b64decode(answer["means"]["2"]), "<f4").reshape(-1, 2)
    assert means[:, 0].tolist() == [ord(text[0]) for text in texts]
    assert engine.most <= MOST_AT_ONCE
    assert not engine.announced


async def test_a_text_without_tokens_is_refused() -> None:
    with pytest.raises(BadCall):
        await Capturing(cast(Client, Engine())).means(Wanted(("a", "?"), (1,)), MODEL)
