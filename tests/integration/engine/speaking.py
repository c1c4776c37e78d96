"""What a gateway says to an engine, in short words for tests."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import httpx
import numpy as np

from steering import ARGUMENT, EngineRule, Intervention, SteeringVector
from steering.vector import Floats
from tests.running import eventually

Answer = tuple[list[str], list[float]]
"""Tokens of an answer and their log probabilities."""

_PUSHES = itertools.count(1)


class Engine:
    """One engine's API, with a rule that was pushed and an intervention that uses it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120.0)
        eventually(lambda: self.status()["self_test"] != "pending", within_s=60)
        self.model: dict[str, Any] = self.status()["model"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def status(self) -> dict[str, Any]:
        answer = self.http.get("/v1/lethe/status")
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def counter(self, name: str) -> int:
        return int(self.status()["counters"][name])

    def vector(self, seed: int = 0, **other: Any) -> SteeringVector:
        """A random vector, strong enough to be noticed."""
        direction = np.random.default_rng(seed).standard_normal(self.model["hidden_size"])
        fields: dict[str, Any] = {
            "rule": f"rule-{seed}",
            "version": 1,
            "model": self.model["fingerprint"],
            "layer": self.model["steered_layers"][0],
            "direction": (direction / np.linalg.norm(direction)).astype(np.float32),
            "scale": 60.0,
            "alpha": 2.0,
        }
        return SteeringVector(**{**fields, **other})

    def post_rules(self, **body: Any) -> httpx.Response:
        return self.http.post("/v1/lethe/rules", json=body)

    def push(self, *vectors: SteeringVector, revision: int = 1) -> str:
        """Make these all that the engine holds, a rule each; the epoch that it stands at."""
        epoch = f"epoch-{next(_PUSHES)}"
        rules = [EngineRule(vector.rule, 1, (vector,)).as_json() for vector in vectors]
        answer = self.post_rules(epoch=epoch, revision=revision, put=rules, reset=True, push=epoch)
        assert answer.status_code == 200, answer.text
        return epoch

    def interventions(self, count: int) -> list[Intervention]:
        """Interventions of a random vector each, which become all that the engine holds."""
        vectors = [self.vector(seed) for seed in range(count)]
        self.push(*vectors)
        return [Intervention(((vector.fingerprint, 1.0),)) for vector in vectors]

    def intervention(self) -> Intervention:
        """One of `interventions`."""
        return self.interventions(1)[0]

    def complete(
        self, prompt: str, acting: Intervention | None = None, *, salt: bool = True, **body: Any
    ) -> httpx.Response:
        asked = {"model": "lethe-demo", "prompt": prompt, "max_tokens": 8, "temperature": 0, **body}
        if acting is not None:
            asked["vllm_xargs"] = {ARGUMENT: acting.as_text()}
            if salt:
                asked["cache_salt"] = acting.fingerprint
        return self.http.post("/v1/completions", json={"logprobs": 1, **asked})

    def answer(self, prompt: str, acting: Intervention | None = None, **body: Any) -> Answer:
        """A greedy answer, which may not be empty."""
        answer = self.complete(prompt, acting, min_tokens=4, **body)
        assert answer.status_code == 200, answer.text
        told = answer.json()["choices"][0]["logprobs"]
        return told["tokens"], told["token_logprobs"]

    def answers(self, asked: Sequence[tuple[str, Intervention | None]]) -> list[Answer]:
        """Many at once."""
        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(lambda one: self.answer(*one), asked))

    def capture(self, texts: Sequence[str]) -> tuple[list[int], Floats]:
        """Tokens and means of texts at the first steered layer, shape (n, H)."""
        layer = self.model["steered_layers"][0]
        answer = self.http.post("/v1/lethe/capture", json={"texts": texts, "layers": [layer]})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["model"], told["count"]) == (self.model["fingerprint"], len(texts))
        means = np.frombuffer(base64.b64decode(told["means"][str(layer)]), "<f4")
        return told["tokens"], means.reshape(len(texts), -1)


def apart(one: Answer, other: Answer) -> float:
    """How far the log probabilities of two answers lie apart; inf where tokens differ."""
    if one[0] != other[0]:
        return float("inf")
    return max(abs(a - b) for a, b in zip(one[1], other[1], strict=True))
