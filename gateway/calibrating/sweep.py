"""Tries layers and strengths, from coarse to fine, on what must be forgotten and what must not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.calibrating.building import Request, built
from gateway.calibrating.findings import Finding, Point, chosen, fluent, ranked
from gateway.calibrating.subjects import Subject
from gateway.calibrating.trial import Trial
from gateway.encoder import Encoder
from gateway.engines.interventions import acting
from gateway.engines.link import EngineTrouble
from gateway.engines.texts import spread
from gateway.evaluation.asking import Prompt
from gateway.evaluation.questions import Question
from gateway.evaluation.text import words
from steering import Intervention

_LAYERS = 4
"""Layers that are tried at every strength; of more, those that a coarse look likes best."""
_COARSE, _FINE, _RETAIN = 60, 240, 40
"""Forget prompts that are asked at a point, in a coarse look and in a fine one; retain prompts."""
_GARBLED = 2
"""Strengths in a row without fluency after which no stronger one is tried."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried, on what.

    `retain` are questions that retaining is measured on, `filed` retain examples that every request
    brings, `retained` ordinary prompts as a gateway has them. `layers` None means all at which the
    engine can be steered. `gate` is the gateway's LETHE_STEERING_GATE.
    """

    subjects: Sequence[Subject]
    retain: Sequence[Question]
    filed: Sequence[Question]
    retained: Sequence[str] = field(repr=False)
    layers: Sequence[int] | None
    alphas: Sequence[float]
    gate: float


async def swept(plan: Plan, trial: Trial, encoder: Encoder) -> dict[str, Any]:
    """The report of `lethe calibrate-steering`; `choice` is None where nothing stays fluent.

    Raises `EngineTrouble`, `EndpointFailed` and `SteeringError`.
    """
    able = trial.status.layers
    layers = able if plan.layers is None else plan.layers
    if not set(layers) <= set(able):
        raise EngineTrouble(
            f"The engine can be steered at layers {', '.join(map(str, able))}: name some of those, "
            "or start it with LETHE_STEERING_LAYERS=all."
        )
    requests = await built(
        trial, encoder, plan.subjects, layers, retained=plan.retained, filed=plan.filed
    )
    sweep = _Sweep(plan, trial, encoder, requests)
    unsteered = await sweep.found(None, _FINE, "unsteered")
    points = [
        point for layer in await sweep.liked() for point in await sweep.climbed(layer, unsteered)
    ]
    best = chosen(points)
    return {
        "model": trial.endpoint.model,
        "fingerprint": trial.status.fingerprint,
        "subjects": len(plan.subjects),
        "unsteered": unsteered.as_json(),
        "points": [point.as_json() for point in points],
        "choice": best.as_json() if best else None,
    }


class _Sweep:
    def __init__(
        self, plan: Plan, trial: Trial, encoder: Encoder, requests: dict[int, list[Request]]
    ) -> None:
        self._plan, self._trial, self._encoder, self._requests = plan, trial, encoder, requests
        asked = [(n, prompt) for n, of in enumerate(plan.subjects) for prompt in of.prompts]
        # One kind after the other, so that a part spread over all has the same share of both.
        self._forget = sorted(asked, key=lambda one: one[1].paraphrased)
        self._retain = [
            (n % len(plan.subjects), Prompt(question, paraphrased=False, samples=0))
            for n, question in enumerate(spread(plan.retain, _RETAIN))
        ]
        questions = [prompt.question for _, prompt in (*asked, *self._retain)]
        self._known = {word for row in questions for text in row.texts for word in words(text)}

    async def liked(self) -> Sequence[int]:
        """The layers that are worth a fine look."""
        if len(self._requests) <= _LAYERS:
            return list(self._requests)
        unsteered = await self.found(None, _COARSE, "unsteered")
        middle = sorted(self._plan.alphas)[len(self._plan.alphas) // 2]
        points = [await self._point(at, middle, unsteered, _COARSE) for at in self._requests]
        return sorted(point.layer for point in ranked(points)[:_LAYERS])

    async def climbed(self, layer: int, unsteered: Finding) -> list[Point]:
        """The points of one layer, from weak to strong, until it garbles."""
        points: list[Point] = []
        for alpha in sorted(set(self._plan.alphas)):
            points.append(await self._point(layer, alpha, unsteered, _FINE))
            last = points[-_GARBLED:]
            if len(last) == _GARBLED and not any(point.fluent for point in last):
                break
        return points

    async def found(self, requests: Sequence[Request] | None, most: int, what: str) -> Finding:
        """What the model says to so many forget prompts, each under the vectors of its subject."""
        forget = spread(self._forget, most)
        asking = [*forget, *self._retain]
        steered = await asyncio.to_thread(
            lambda: [(prompt, self._acting(requests, by, prompt)) for by, prompt in asking]
        )
        asked = await self._trial.ask(steered, what)
        return Finding.of(asked[: len(forget)], asked[len(forget) :], self._known)

    async def _point(self, layer: int, alpha: float, unsteered: Finding, most: int) -> Point:
        requests = [
            tuple(replace(vector, alpha=alpha) for vector in vectors)
            for vectors in self._requests[layer]
        ]
        await self._trial.hold(requests)
        finding = await self.found(requests, most, f"layer {layer}, α {alpha:g}")
        return Point(layer, alpha, finding, fluent(finding, unsteered))

    def _acting(
        self, requests: Sequence[Request] | None, by: int, prompt: Prompt
    ) -> Intervention | None:
        if requests is None:
            return None
        vectors = acting(requests[by], prompt.text, self._encoder, self._plan.gate)
        return Intervention(tuple(vectors.items()))
