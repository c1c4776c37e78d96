"""What an engine is loaded with: plain, under a vector, under banned strings."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import numpy as np

from gateway.bench.bans import string
from gateway.bench.engine_child import body
from gateway.bench.engine_model import VOCABULARY
from gateway.engines.link import EngineLink
from gateway.engines.waiting import tested
from gateway.upstream import Endpoint
from steering import ARGUMENT, EngineRule, Intervention, SteeringVector

BANS = (10, 100, 1_000)

_PROMPT = 32
"""Tokens of a prompt; each is distinct, so that no cache answers."""


@dataclass(frozen=True, slots=True)
class Case:
    """A load: whether it goes to the plug-in, what acts on a request, on which share of them."""

    plugged: bool
    acting: Intervention | None = None
    share: float = 1.0

    def bodies(self, batch: int, tokens: int, rng: random.Random) -> Iterator[bytes]:
        """Requests with distinct prompts, which ask for so many tokens each."""
        for number in range(batch):
            more: dict[str, Any] = {}
            if self.acting is not None and number < self.share * batch:
                more = {
                    "vllm_xargs": {ARGUMENT: self.acting.as_text()},
                    "cache_salt": self.acting.fingerprint,
                }
            prompt = [rng.randrange(2, VOCABULARY) for _ in range(_PROMPT)]
            yield body(prompt, tokens, rng.randrange(2**31), **more)


PLAIN = Case(plugged=False)


async def cases(url: str, width: int) -> dict[str, Case]:
    """The cases with the plug-in, by name; gives the engine at `url` their vector and strings.

    `width` is the hidden size of its model. Raises `EngineTrouble`.
    """
    async with aiohttp.ClientSession() as session:
        link = EngineLink(session, Endpoint(url), {})
        status = await tested(link)
        direction = np.random.default_rng(0).standard_normal(width).astype(np.float32)
        vector = SteeringVector(
            rule="vector",
            version=1,
            model=status.fingerprint,
            layer=status.layers[0],
            direction=direction / np.linalg.norm(direction),
            scale=1.0,
            alpha=1.0,
        )
        rng = random.Random(0)
        banning = [
            EngineRule(f"bans_{count}", 1, (), tuple(string(rng) for _ in range(count)))
            for count in BANS
        ]
        rules = [EngineRule(vector.rule, 1, (vector,)), *banning]
        how = {"push": secrets.token_hex(8), "reset": True}
        await link.push("bench", len(rules), rules, (), how)
    rotating = Intervention(((vector.fingerprint, 1.0),))
    return {
        "idle": Case(plugged=True),
        "steered_50": Case(plugged=True, acting=rotating, share=0.5),
        "steered_100": Case(plugged=True, acting=rotating),
    } | {
        rule.id: Case(plugged=True, acting=Intervention(bans=(str(rule.bans_fingerprint),)))
        for rule in banning
    }
