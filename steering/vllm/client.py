"""The engine as the API server sees it: its workers by RPC, and its generations."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

from steering.errors import Unsupported
from steering.vllm.digest import joined

_TURN_S, _COMPILING_S = 0.05, 20.0
"""Seconds for which bans are compiled between two steps, and in one part of a push."""


@dataclass(frozen=True, slots=True)
class Model:
    """What is served: `id` as clients name it, the fingerprint of its weights, and its layers."""

    id: str
    fingerprint: str
    hidden_size: int
    layers: int
    steered_layers: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """As `GET /v1/lethe/status` tells it."""
        return {
            "id": self.id,
            "fingerprint": self.fingerprint,
            "hidden_size": self.hidden_size,
            "layers": self.layers,
            "steered_layers": list(self.steered_layers),
        }


class Client:
    """The calls that the plug-in's routes make to vLLM's engine client."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @property
    def longest(self) -> int:
        """Tokens of the longest prompt that leaves room for one more."""
        return int(self._engine.model_config.max_model_len) - 1

    @property
    def logprobs_mode(self) -> str:
        """Which log probabilities the engine tells."""
        return str(self._engine.model_config.logprobs_mode)

    @property
    def vocabulary(self) -> int:
        """How many token ids there are."""
        return int(self._engine.model_config.get_vocab_size())

    async def describe(self, name: str) -> Model:
        """The model that is served under a name."""
        parts = await self._call("lethe_describe")
        first = parts[0]
        return Model(
            name,
            joined([part["digest"] for part in parts]),
            first["hidden_size"],
            first["depth"],
            tuple(first["layers"]),
        )

    async def rules(
        self, put: list[dict[str, Any]], drop: list[str], *, reset: bool, last: bool
    ) -> None:
        """Change what all workers hold, and compile its bans; see `Held.change`."""
        await self._call("lethe_rules", put, drop, reset, last)
        # What is not compiled in time is so when it is needed.
        end = time.monotonic() + _COMPILING_S
        while time.monotonic() < end and max(await self._call("lethe_compile", _TURN_S)):
            pass

    async def counters(self, *, exact: bool = False) -> dict[str, int]:
        """Counters of the first worker; the ranks of a tensor-parallel engine count alike.

        Where they are not `exact`, workers do not wait for their devices.
        """
        counters: dict[str, int] = (await self._call("lethe_counters", exact))[0]
        return counters

    async def announce(self, nonces: list[str]) -> None:
        """Make captures known to all workers."""
        await self._call("lethe_announce", nonces)

    async def fetch(self, nonces: list[str]) -> list[dict[str, Any]]:
        """What the first worker captured; the residual stream is the same in all ranks."""
        found: list[dict[str, Any]] = (await self._call("lethe_fetch", nonces))[0]
        return found

    async def tokens(self, text: str) -> list[int]:
        """Token ids of a text, cut to what the context holds."""
        tokenizer = self._engine.get_tokenizer()
        if hasattr(tokenizer, "__await__"):
            tokenizer = await tokenizer
        return list(tokenizer.encode(text))[: self.longest]

    async def generate(self, tokens: list[int], **sampling: Any) -> Any:
        """One generation from token ids, to its end; vLLM's `RequestOutput`.

        It reads nothing from the prefix cache, so that every token passes through the layers.
        """
        from vllm import SamplingParams  # noqa: PLC0415
        from vllm.inputs import TokensPrompt  # noqa: PLC0415

        params = SamplingParams(temperature=0.0, skip_reading_prefix_cache=True, **sampling)
        last = None
        async for output in self._engine.generate(
            TokensPrompt(prompt_token_ids=tokens), params, f"lethe-{secrets.token_hex(8)}"
        ):
            last = output
        if last is None:
            raise Unsupported("the engine ended a generation without an answer.")
        return last

    async def _call(self, method: str, *args: Any) -> list[Any]:
        answers: list[Any] = await self._engine.collective_rpc(method, args=args)
        return answers
