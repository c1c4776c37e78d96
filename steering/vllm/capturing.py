"""Mean activations of texts, captured in the running engine beside its other traffic."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steering.errors import BadCall
from steering.vector import Floats
from steering.vllm.captures import ARGUMENT, MOST_AT_ONCE
from steering.vllm.client import Client, Model

MOST_TEXTS, LONGEST_TEXT, MOST_MEANS = 1_000, 100_000, 8_192
"""Texts of one call, characters of one text, and texts times layers."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What `POST /v1/lethe/capture` asks for."""

    texts: tuple[str, ...]
    layers: tuple[int, ...]

    @classmethod
    def from_json(cls, body: Any, model: Model) -> Wanted:
        """Raises `BadCall`; without layers, all that are steered are meant."""
        if not isinstance(body, Mapping):
            raise BadCall("a capture is a JSON object.")
        texts, layers = body.get("texts"), body.get("layers")
        if not (isinstance(texts, list) and 0 < len(texts) <= MOST_TEXTS):
            raise BadCall(f"texts is a list of 1 to {MOST_TEXTS} strings.")
        for text in texts:
            if not (isinstance(text, str) and text.strip() and len(text) <= LONGEST_TEXT):
                raise BadCall(f"a text has 1 to {LONGEST_TEXT} characters.")
        if layers is None:
            layers = list(model.steered_layers)
        known = isinstance(layers, list) and all(
            type(layer) is int and layer in model.steered_layers for layer in layers
        )
        if not (known and layers):
            raise BadCall(
                "layers is null or a list of layers that this engine steers: "
                f"{', '.join(map(str, model.steered_layers))} (LETHE_STEERING_LAYERS)."
            )
        if len(texts) * len(layers) > MOST_MEANS:
            raise BadCall(f"texts times layers are at most {MOST_MEANS}; send fewer at once.")
        return cls(tuple(texts), tuple(sorted(set(layers))))


@dataclass(frozen=True, slots=True)
class Captured:
    """Sums of one text's activations by layer, base64 of little-endian float32, as RPC gives them.

    `tokens` is how many the text has. The first of several is not in the sums: models rest their
    attention on it ("attention sinks", arXiv 2309.17453), and its activation, often a hundred times
    as long as others and alike in all texts (arXiv 2402.17762), would drown what the text says.
    """

    tokens: int
    sums: Mapping[str, str]

    def mean(self, layer: int) -> Floats:
        """The mean activation behind a layer, shape (H,)."""
        sums = np.frombuffer(base64.b64decode(self.sums[str(layer)]), "<f4")
        return np.asarray(sums / np.float32(max(1, self.tokens - 1)), np.float32)


class Capturing:
    """Sends texts through the engine, and gives their means.

    All calls together have as many texts in flight as the workers have rows for.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._rows = asyncio.Semaphore(MOST_AT_ONCE)

    async def means(self, wanted: Wanted, model: Model) -> dict[str, Any]:
        """The answer of the route: means by layer, shape (texts, H), and tokens of each text.

        A mean is over all tokens of a text but the first, special ones included, in float32; what
        the engine says to it is no part of it. Raises `BadCall` for a text without tokens.
        """
        tokens = []
        for text in wanted.texts:
            tokens.append(await self._client.tokens(text))
            await asyncio.sleep(0)  # others are served between two texts
        if not all(tokens):
            raise BadCall("a text has no tokens for this model.")
        found = await asyncio.gather(*map(self.of_tokens, tokens))
        means = {
            str(layer): _text_of([each.mean(layer) for each in found]) for layer in wanted.layers
        }
        return {
            "model": model.fingerprint,
            "layers": list(wanted.layers),
            "count": len(found),
            "tokens": [each.tokens for each in found],
            "means": means,
        }

    async def of_tokens(self, tokens: list[int]) -> Captured:
        """What one text, given as token ids, leaves in the residual stream."""
        async with self._rows:
            nonce = secrets.token_hex(16)
            await self._client.announce([nonce])
            try:
                await self._client.generate(tokens, max_tokens=1, extra_args={ARGUMENT: nonce})
            finally:
                (found,) = await self._client.fetch([nonce])
        if found["tokens"] != len(tokens):
            raise RuntimeError("a capture did not see all tokens of its text.")
        return Captured(found["tokens"], found["sums"])


def _text_of(rows: Sequence[Floats]) -> str:
    return base64.b64encode(np.ascontiguousarray(rows, "<f4").tobytes()).decode()
