"""The card that is shipped beside the adapter: what it is, how good, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np

from gateway.encoder import Encoder
from guards import Thresholds
from guards.meaning.adapter import RAW, Adapter
from guards.rule import Vectors
from training.adapter import fit
from training.material import Embedded

_RATES = (0.005, 0.01)


def card(people: Sequence[Embedded], encoder: Encoder, curve: Mapping[float, Thresholds]) -> str:
    """The card as Markdown."""
    drawn = Random(0).sample(list(people), len(people))
    seen, unseen = drawn[: len(drawn) // 2], drawn[len(drawn) // 2 :]
    trained = Adapter(fit(seen))
    rows = [
        f"| {name} | {kind} | "
        + " | ".join(f"{_recall(unseen, kind, adapter, rate):.3f}" for rate in _RATES)
        + " |"
        for kind in ("name", "passage")
        for name, adapter in (("without", RAW), ("with", trained))
    ]
    points = [f"| {f:g} | {t.asked:.3f} | {t.about:.3f} |" for f, t in curve.items()]
    prompts = sum(len(each.prompts) for each in people)
    return _TEXT.format(
        people=len(people),
        prompts=prompts,
        fingerprint=encoder.fingerprint,
        recall="\n".join(rows),
        rates=" | ".join(f"recall at {rate:.1%}" for rate in _RATES),
        curve="\n".join(points),
    )


def _recall(people: Sequence[Embedded], kind: str, adapter: Adapter, rate: float) -> float:
    """The share of prompts closer to their person than all but `rate` of neighbours' prompts."""

    def best(texts: Vectors, known: Vectors) -> Vectors:
        return np.asarray((adapter(texts) @ adapter(known).T).max(axis=1))

    known = [each.name if kind == "name" else each.passage for each in people]
    own = np.concatenate([best(p.prompts, k) for p, k in zip(people, known, strict=True)])
    near = np.concatenate([best(p.neighbours, k) for p, k in zip(people, known, strict=True)])
    return float((own > np.quantile(near, 1 - rate)).mean())


_TEXT = """# The shipped adapter and thresholds

`adapter.npy` is a linear map, 384 x 384 in half precision, for the packaged encoder
(`{fingerprint}`). Embeddings go through it before they are compared with the name of a subject or
a passage that describes it. `thresholds.json` are the scores from which a window of a prompt
counts as a match, by the share of prompts that touch nothing and may be taken for one.

Both were made by `python -m training` from material written for this project: {people} people of
history, stage and sport with a passage each, {prompts} prompts about them in many manners (gaps to
fill, questions, role play, multiple choice, other languages, without the name), prompts about
their neighbours and namesakes, ordinary prompts, and the questions of the demo's fictitious
world. No benchmark was used for either.

## How good

Half of the people train a map, the other half is asked about; closeness alone decides, names in
the prompt help only the encoder. Recall at the closeness that a share of the prompts about
neighbours reaches:

| map | filed by | {rates} |
|---|---|---|
{recall}

## Thresholds

| target | asked | about |
|---|---|---|
{curve}

Derived on people that the map had not seen: the median of seven draws, half of the target for each
kind, since a prompt may match by either. `about` averages the rates of prompts about
neighbours, about other people and of ordinary ones; `asked` are questions about people other than
the one a question is filed about. Thresholds do not carry over between deployments:
`lethe calibrate` sets your own.

## Not for

Another encoder; subjects of which the encoder knows nothing (a private person's prompts are found
by name, not by closeness); deciding anything but which prompts to look at.
"""
