"""A test of the running engine: steered requests are steered, and nobody else is.

A cached graph without the hooks would serve unsteered in silence, and a model whose kernels mix
the rows of a batch would let one request's steering into another. Both are asked of the engine
itself before anybody relies on it.
"""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from steering.errors import SteeringError
from steering.intervention import ARGUMENT, EngineRule, Intervention
from steering.vector import SteeringVector
from steering.vllm import state
from steering.vllm.capturing import Capturing
from steering.vllm.client import Client, Model

Outcome = Literal["pending", "passed", "failed"]
Logprobs = NDArray[np.float64]

_RULE = "lethe self-test"
_PROMPT, _ANSWER = 24, 4
"""Tokens of a test's prompt and of its answer: prefill and decode run through different graphs."""

_STRENGTH = 4.0
"""α of the test: the mean of activations is shorter than they are, and the effect must be plain."""

_LEAK = 0.25
"""Share of the steering's effect from which a neighbour counts as steered.

In a batch a request's numbers round otherwise than alone, by an amount that depends on the kernels
and the number format, so it is measured against the effect: steering that reached a neighbour with
the same prompt would move it as far as the steered request itself (1), rounding by a small
fraction (below .001 in float32, about .01 in bfloat16).
"""


class Wrong(SteeringError):
    """The engine does not do what it should; the message says what."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Log probabilities of a prompt's tokens and of the greedy answer, and how far others lie."""

    values: Logprobs

    def apart(self, other: Reading) -> float:
        """The largest difference of any log probability."""
        return float(np.abs(self.values - other.values).max())


class SelfTest:
    """`outcome` and `detail` tell how the last run ended, "pending" before the first did."""

    def __init__(self, client: Client, capturing: Capturing, model: Model) -> None:
        self._client = client
        self._capturing = capturing
        self._model = model
        step = max(1, client.vocabulary // (_PROMPT + 1))
        self._prompt = [step * i + i % step for i in range(1, _PROMPT + 1)]
        self.outcome: Outcome = "pending"
        self.detail: str | None = None

    async def run(self) -> None:
        """Try it; never raises. Nobody may push rules meanwhile."""
        try:
            rule = await self._rule()
            await self._client.rules([rule.as_json()], [], reset=False, last=False)
            state.HELD.put([rule])
            try:
                await self._prove(rule)
            finally:
                state.HELD.drop([rule.id])
                await self._client.rules([], [rule.id], reset=False, last=False)
            self.outcome, self.detail = "passed", None
        except SteeringError as error:
            self.outcome, self.detail = "failed", str(error)
        except Exception as error:  # a reason, whatever it is, not to be steered through
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.outcome = "failed"
            self.detail = f"{type(error).__name__} at {where.name}, line {where.lineno}"

    async def _rule(self) -> EngineRule:
        """A rule with a random vector at each steered layer."""
        found = await self._capturing.of_tokens(self._prompt)
        random = np.random.default_rng(0)
        vectors = []
        for layer in self._model.steered_layers:
            direction = random.standard_normal(self._model.hidden_size).astype(np.float32)
            vectors.append(
                SteeringVector(
                    rule=_RULE,
                    version=1,
                    model=self._model.fingerprint,
                    layer=layer,
                    direction=direction / np.linalg.norm(direction),
                    scale=float(np.linalg.norm(found.mean(layer))),
                    alpha=_STRENGTH,
                )
            )
        return EngineRule(_RULE, 1, tuple(vectors))

    async def _prove(self, rule: EngineRule) -> None:
        acting = Intervention(tuple((vector.fingerprint, 1.0) for vector in rule.vectors))
        before = await self._read()
        fired = (await self._client.counters(exact=True))["fired"]
        steered = await self._read(acting)
        fired = (await self._client.counters(exact=True))["fired"] - fired
        # The last token of the answer is never fed back.
        due = (_PROMPT + _ANSWER - 1) * len(self._model.steered_layers)
        effect = steered.apart(before)
        if fired != due or effect == 0:
            raise Wrong(
                f"a steered request was steered at {fired} of {due} tokens, with an effect of "
                f"{effect:g}: where it stays so, the compiled graph has no hooks; empty vLLM's "
                "compile cache."
            )
        # Others may be in the batch, whose rounding is not the same twice.
        if (stays := (await self._read()).apart(before)) > _LEAK * effect:
            raise Wrong(f"a request after a steered one differs by {stays:g} from one before it.")
        plain = await asyncio.gather(*(self._read() for _ in range(4)))
        if (noise := max(each.apart(before) for each in plain)) > _LEAK * effect:
            raise Wrong(
                f"requests in one batch change each other by {noise:g} even without steering; "
                "this model cannot be steered apart."
            )
        mixed = await asyncio.gather(*(self._read(acting if i % 2 else None) for i in range(4)))
        if (leak := max(each.apart(before) for each in mixed[::2])) > _LEAK * effect:
            raise Wrong(
                f"a request beside a steered one was changed by {leak:g}, {leak / effect:.0%} of "
                "what steering does."
            )
        if min(each.apart(before) for each in mixed[1::2]) <= _LEAK * effect:
            raise Wrong("a steered request beside another was not steered.")

    async def _read(self, acting: Intervention | None = None) -> Reading:
        arguments: dict[str, Any] = {ARGUMENT: acting.as_text()} if acting else {}
        output = await self._client.generate(
            self._prompt,
            max_tokens=_ANSWER,
            ignore_eos=True,
            logprobs=0,
            prompt_logprobs=0,
            extra_args=arguments or None,
        )
        answer = output.outputs[0]
        told = zip(self._prompt[1:], output.prompt_logprobs[1:], strict=True)
        said = zip(answer.token_ids, answer.logprobs, strict=True)
        return Reading(np.array([at[token].logprob for token, at in (*told, *said)]))
