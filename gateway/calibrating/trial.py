"""An engine to try vectors on: captured through, given vectors, asked under them, left empty."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np

from gateway.engines.link import EngineLink, EngineTrouble
from gateway.engines.status import EngineStatus
from gateway.engines.waiting import tested
from gateway.evaluation.asking import Asked, Prompt, in_order
from gateway.evaluation.endpoint import Endpoint, open_endpoint
from gateway.upstream import Endpoint as Upstream
from steering import ARGUMENT, EngineRule, Intervention, SteeringVector
from steering.vector import Floats

EPOCH = "calibration"

_MEANS = 4_096
"""Texts times layers that are captured in one call."""

Asking = tuple[Prompt, Intervention | None]


@dataclass(frozen=True, slots=True)
class Trial:
    """One engine that no gateway keeps; `status` is from before anything was tried."""

    endpoint: Endpoint
    link: EngineLink
    status: EngineStatus
    max_tokens: int
    connections: int

    async def captured(self, texts: Sequence[str], layers: Sequence[int]) -> dict[int, Floats]:
        """Mean activations of n texts by layer, shape (n, H); raises `EngineTrouble`."""
        step = max(1, _MEANS // len(layers))
        parts = [
            await self.link.capture(texts[first : first + step], layers)
            for first in range(0, len(texts), step)
        ]
        return {
            layer: np.concatenate([part[number] for part in parts])
            for number, layer in enumerate(layers)
        }

    async def hold(self, requests: Sequence[Sequence[SteeringVector]]) -> None:
        """Make the vectors of some requests all that the engine holds; raises `EngineTrouble`."""
        rules = [
            EngineRule(f"{EPOCH}-{number}", 1, tuple(vectors))
            for number, vectors in enumerate(requests)
        ]
        how = {"push": secrets.token_hex(8), "reset": True, "last": True}
        await self.link.push(EPOCH, len(rules), rules, (), how)

    async def ask(self, asking: Sequence[Asking], what: str) -> list[Asked]:
        """Greedy replies to prompts, each under its intervention; raises `EndpointFailed`."""
        return await in_order(asking, self._asked, self.connections, what)

    async def _asked(self, asking: Asking) -> Asked:
        prompt, acting = asking
        steered = (
            {}
            if acting is None
            else {"vllm_xargs": {ARGUMENT: acting.as_text()}, "cache_salt": acting.fingerprint}
        )
        replies, _ = await self.endpoint.ask(
            prompt.text, temperature=0.0, max_tokens=self.max_tokens, **steered
        )
        return Asked(prompt, replies[0], ())


@asynccontextmanager
async def open_trial(
    url: str, *, key: str | None, max_tokens: int, connections: int
) -> AsyncIterator[Trial]:
    """Connect to an engine that can be steered, and leave it empty behind.

    Raises `EndpointFailed` and `EngineTrouble`.
    """
    async with open_endpoint(url, key=key, model=None, connections=connections) as endpoint:
        link = EngineLink(endpoint.session, Upstream(endpoint.url), {})
        trial = Trial(endpoint, link, await _ready(link, endpoint.url), max_tokens, connections)
        try:
            yield trial
        finally:
            await trial.hold([])


async def _ready(link: EngineLink, url: str) -> EngineStatus:
    """The status of an engine that passed its self-test; raises `EngineTrouble`."""
    status = await tested(link)
    if status.epoch not in (None, EPOCH):
        raise EngineTrouble(
            f"{url} is kept by a gateway, and calibrating would take its rules away: stop the "
            "gateway, or start another engine."
        )
    return status
