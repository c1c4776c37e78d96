"""An engine inside a process of its own, for what the session's engine cannot show.

`python -m tests.integration.engine.offline steered|plain|mixed MODEL_DIR` prints one JSON object
as its last line. The plug-in is there where `VLLM_PLUGINS` names it; execution is eager, in which
answers do not depend on the size of the batch.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
from vllm import LLM, SamplingParams
from vllm.inputs import TokensPrompt

from steering import ARGUMENT, EngineRule, Intervention, SteeringVector
from steering.vllm import captures
from steering.vllm.capturing import Captured

LENGTH, ANSWER = 24, 4
MANY = 32

Answer = list[tuple[int, float]]


class Offline:
    """The engine, asked with token ids."""

    def __init__(self, model: str) -> None:
        self.llm = LLM(model, enforce_eager=True, dtype="float32", max_model_len=64)
        self.vocabulary = int(self.llm.llm_engine.model_config.get_vocab_size())

    def prompts(self, count: int) -> list[list[int]]:
        """Prompts of different lengths, without special tokens."""
        random = np.random.default_rng(0)
        return [random.integers(5, self.vocabulary, LENGTH - i % 7).tolist() for i in range(count)]

    def ask(self, prompts: list[list[int]], acting: list[dict[str, str] | None]) -> list[Answer]:
        """Greedy answers of one batch: token ids and log probabilities."""
        params = [
            SamplingParams(
                temperature=0, max_tokens=ANSWER, ignore_eos=True, logprobs=1, extra_args=each,
                skip_reading_prefix_cache=True, detokenize=False,
            )
            for each in acting
        ]  # fmt: skip
        asked = [TokensPrompt(prompt_token_ids=prompt) for prompt in prompts]
        outputs = self.llm.generate(asked, params, use_tqdm=False)
        answers = [output.outputs[0] for output in outputs]
        return [
            [
                (token, at[token].logprob)
                for token, at in zip(each.token_ids, each.logprobs, strict=True)
            ]
            for each in answers
        ]

    def rpc(self, method: str, *args: Any) -> Any:
        return self.llm.collective_rpc(method, args=args)[0]

    def hold(self, count: int) -> list[dict[str, str]]:
        """Make the engine hold vectors; arguments of a request for each."""
        told = self.rpc("lethe_describe")
        random = np.random.default_rng(1)
        held = []
        for i in range(count):
            direction = random.standard_normal(told["hidden_size"]).astype(np.float32)
            vector = SteeringVector(
                f"r{i}", 1, told["digest"], told["layers"][0],
                direction / np.linalg.norm(direction), self.norm(told), 4.0,
            )  # fmt: skip
            self.rpc("lethe_rules", [EngineRule(f"r{i}", 1, (vector,)).as_json()], [], False, False)
            held.append({ARGUMENT: Intervention(((vector.fingerprint, 1.0),)).as_text()})
        return held

    def norm(self, told: dict[str, Any]) -> float:
        """Norm of the mean activation of a prompt at the first steered layer."""
        (mean,) = self.capture(self.prompts(1))[str(told["layers"][0])]
        return float(np.linalg.norm(mean))

    def capture(self, prompts: list[list[int]]) -> dict[str, list[Any]]:
        """Means by layer."""
        nonces = [f"n{i}" for i in range(len(prompts))]
        self.rpc("lethe_announce", nonces)
        self.ask(prompts, [{captures.ARGUMENT: nonce} for nonce in nonces])
        found = self.rpc("lethe_fetch", nonces)
        assert [each["tokens"] for each in found] == [len(prompt) for prompt in prompts]
        return {
            layer: [Captured(e["tokens"], e["sums"]).mean(int(layer)).tolist() for e in found]
            for layer in found[0]["sums"]
        }


def steered(engine: Offline) -> dict[str, Any]:
    """One architecture: what steering does to a request and to its neighbours."""
    first, other = engine.prompts(2)
    (acting,) = engine.hold(1)
    told = engine.rpc("lethe_describe")
    (before,) = engine.ask([first], [None])
    fired = engine.rpc("lethe_counters")["fired"]
    (turned,) = engine.ask([first], [acting])
    fired = engine.rpc("lethe_counters")["fired"] - fired
    (after,) = engine.ask([first], [None])
    beside = engine.ask([first, first, other], [None, acting, None])
    beside_plain = engine.ask([first, first, other], [None, None, None])
    return {
        "layers": told["depth"],
        "before": before,
        "after": after,
        "steered": turned,
        "fired": fired,
        "beside": beside,
        "beside_plain": beside_plain,
        "failed": engine.rpc("lethe_counters")["failed_closed"],
        "means": engine.capture([first])[str(told["layers"][0])],
        "prompt": first,
        "layer": told["layers"][0],
    }


def plain(engine: Offline) -> dict[str, Any]:
    """Many requests, alone and at once, in whatever vLLM this is."""
    prompts = engine.prompts(MANY)
    return {
        "alone": [engine.ask([prompt], [None])[0] for prompt in prompts[:4]],
        "together": engine.ask(prompts, [None] * MANY),
    }


def mixed(engine: Offline) -> dict[str, Any]:
    """The same with some of them steered: by share, the answers of the others by their place."""
    prompts = engine.prompts(MANY)
    acting = engine.hold(3)
    told = plain(engine)
    for share in (0.0, 0.5, 1.0):
        chosen = [acting[i % 3] if (i % 4) / 4 < share else None for i in range(MANY)]
        told[f"{share}"] = engine.ask(prompts, chosen)
        told[f"flagged {share}"] = [each is not None for each in chosen]
        told[f"again {share}"] = [engine.ask([prompt], [None])[0] for prompt in prompts[:4]]
    return told


if __name__ == "__main__":
    run = {"steered": steered, "plain": plain, "mixed": mixed}[sys.argv[1]]
    print(json.dumps(run(Offline(sys.argv[2]))))
