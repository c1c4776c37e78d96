"""How steering vectors are made from what an engine shows of its activations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from gateway.encoder import Encoder
from gateway.engines.engine import Engine
from gateway.engines.status import EngineStatus
from gateway.engines.texts import (
    ENOUGH,
    MOST,
    asked_about,
    document,
    forget_texts,
    spread,
)
from gateway.engines.variants import Variant
from gateway.registry.filing import Question
from gateway.registry.models import Record
from steering import SteeringVector
from steering.vector import Floats


@dataclass(slots=True)
class Steering:
    """Strength and layer of vectors, and the ordinary prompts that they are freed of.

    `layer` None means the first at which an engine can be steered. With `answers`, questions made
    from a name get the model's own answers beside them, which only this process ever sees.
    """

    encoder: Encoder
    retained: Sequence[str] = field(repr=False)
    alpha: float
    layer: int | None = None
    answers: bool = False
    _retain: dict[tuple[str, int], Floats] = field(default_factory=dict, repr=False)

    def variant(self, status: EngineStatus) -> Variant | None:
        """The vectors that an engine is steered by; None where it cannot be at the layer."""
        layer = next(iter(status.layers), None) if self.layer is None else self.layer
        if layer is None or layer not in status.layers:
            return None
        return Variant(status.fingerprint, layer, self.alpha)

    async def ready(self, engine: Engine, variant: Variant) -> None:
        """Do what only the first request for a model would wait for: seconds on a slow engine."""
        await asyncio.to_thread(import_module, "steering.direction")
        await self._general(engine, variant)

    async def vectors(
        self, record: Record, engine: Engine, variant: Variant
    ) -> list[SteeringVector]:
        """The vectors of one request; raises `EngineTrouble` and `SteeringError`."""
        texts = forget_texts(record.filing)
        if self.answers and record.filing.subject.name:
            asked = frozenset(asked_about(record.filing.subject.name))
            texts = await asyncio.gather(
                *(self._answered(text, engine) if text in asked else _same(text) for text in texts)
            )
        own = [document(question) for question in record.filing.retain][:MOST]
        general = await self._general(engine, variant)
        (captured,) = await engine.link.capture([*texts, *own], [variant.layer])
        forget, retained = captured[: len(texts)], beside(captured[len(texts) :], general)

        def made() -> list[SteeringVector]:
            embeddings = self.encoder.encode(texts)
            return vectors_from(
                forget,
                embeddings,
                retained,
                rule=record.id,
                version=record.version,
                model=variant.fingerprint,
                layer=variant.layer,
                alpha=variant.alpha,
            )

        return await asyncio.to_thread(made)

    async def _answered(self, text: str, engine: Engine) -> str:
        """A question with the model's own answer, as `document` has it."""
        return document(Question(question=text, answer=await engine.link.answer(text) or None))

    async def _general(self, engine: Engine, variant: Variant) -> Floats:
        """Activations of ordinary prompts, shape (m, H), captured once for each model."""
        key = variant.fingerprint, variant.layer
        if key not in self._retain:
            (means,) = await engine.link.capture(spread(self.retained, MOST), [variant.layer])
            self._retain = {key: means}
        return self._retain[key]


def beside(own: Floats, general: Floats) -> Floats:
    """What a filing's texts are told apart from, shape (m, H), at one layer.

    `own` are activations of its retain examples, `general` those of ordinary prompts, which fill
    up where there are few examples.
    """
    return own if len(own) >= ENOUGH else np.concatenate([general, own])


def vectors_from(
    forget: Floats, embeddings: Floats, retained: Floats, *, alpha: float, **of: Any
) -> list[SteeringVector]:
    """The vectors of one request from activations at one layer, as `directions` takes them.

    `of` are the fields `rule`, `version`, `model` and `layer` of each. Raises `SteeringError`.
    """
    from steering.direction import directions  # noqa: PLC0415  # loads scikit-learn

    return [
        SteeringVector(
            direction=each.direction,
            scale=each.scale,
            alpha=alpha,
            centroid=each.centroid,
            **of,
        )
        for each in directions(forget, embeddings, retained)
    ]


async def _same(text: str) -> str:
    return text
