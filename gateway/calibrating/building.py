"""Vectors of some subjects as a gateway makes them, at several layers at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gateway.calibrating.subjects import Subject, told
from gateway.calibrating.trial import Trial
from gateway.encoder import Encoder
from gateway.engines.steering import beside, vectors_from
from gateway.engines.texts import MOST, spread
from gateway.evaluation.questions import Question
from steering import SteeringVector

Request = tuple[SteeringVector, ...]
"""The vectors of one subject at one layer."""


async def built(
    trial: Trial,
    encoder: Encoder,
    subjects: Sequence[Subject],
    layers: Sequence[int],
    *,
    retained: Sequence[str],
    filed: Sequence[Question],
) -> dict[int, list[Request]]:
    """The vectors of each subject, of strength 1, by layer.

    `retained` are ordinary prompts, `filed` the retain examples of each request. Raises
    `EngineTrouble` and `SteeringError`.
    """
    texts = [*spread(retained, MOST), *map(told, filed[:MOST])]
    shown, general = await trial.captured(texts, layers), len(texts) - len(filed[:MOST])
    apart = {layer: beside(shown[layer][general:], shown[layer][:general]) for layer in layers}
    made: dict[int, list[Request]] = {layer: [] for layer in layers}
    for number, subject in enumerate(subjects):
        forget = await trial.captured(subject.texts, layers)
        embeddings = await asyncio.to_thread(encoder.encode, subject.texts)
        for layer in layers:
            vectors = await asyncio.to_thread(
                vectors_from,
                forget[layer],
                embeddings,
                apart[layer],
                rule=str(number),
                version=1,
                model=trial.status.fingerprint,
                layer=layer,
                alpha=1.0,
            )
            made[layer].append(tuple(vectors))
    return made
