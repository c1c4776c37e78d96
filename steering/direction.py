"""Directions from mean activations: where a model thinks of what is to be forgotten.

Offline part of GUARD-IT ("Inference-Time Machine Unlearning via Gated Activation Redirection",
arXiv 2605.12765): forget texts are clustered by their sentence embeddings, each cluster's mean
activation is freed of what it shares with the retain texts, and scaled so that one α fits all
models. Published are both kinds of freeing; answers stay more fluent, at the same forgetting, under
the difference of means, which therefore is the default here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from steering.errors import BadVector
from steering.vector import Floats

Kind = Literal["orthogonal", "difference"]
"""The forget mean without its part along the retain mean, or their difference. (The difference
without that part is the former again.)"""

MOST_CLUSTERS = 20
_EACH = 4
"""Texts for each cluster at least, on average: the mean of fewer is one text's accident."""

_APART = 0.4
"""Least silhouette of a split. Texts about several people filed as one were split at .45 and more,
those about one person at .14 to .33, by topics that share the person: vectors of such parts, from
few texts each, made a model forget less than one vector of all."""

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """A direction of unit norm, shape (H,), its scale, and the centroid it stands for, (d,)."""

    direction: Floats = field(repr=False)
    scale: float
    centroid: Floats = field(repr=False)


def directions(
    forget: Floats, embeddings: Floats, retain: Floats, kind: Kind = "difference"
) -> list[Direction]:
    """One direction for each cluster of forget texts.

    `forget`, shape (n, H), and `retain`, shape (m, H), are mean residual-stream activations of
    texts at one layer; `embeddings`, shape (n, d), unit-norm sentence embeddings of the forget
    texts. Raises `BadVector` for activations that are not finite or leave no direction.
    """
    if not (len(forget) and len(retain)):
        raise BadVector("a direction needs forget and retain activations, one of each at least.")
    if not (np.isfinite(forget).all() and np.isfinite(retain).all()):
        raise BadVector("activations are not finite; does the model overflow its number format?")
    labels = clusters(embeddings)
    members = [labels == label for label in range(labels.max() + 1)]
    return [_direction(forget[of], embeddings[of], retain, kind) for of in members]


def clusters(embeddings: Floats) -> NDArray[np.int64]:
    """The cluster of each text, shape (n,), counted from 0: k-means, k by the best silhouette.

    One cluster where no split separates the texts clearly.
    """
    single = np.zeros(len(embeddings), np.int64)
    most = min(MOST_CLUSTERS, len(np.unique(embeddings, axis=0)) // _EACH)
    best = _APART, single
    for k in range(2, most + 1):
        found = KMeans(k, n_init=4, random_state=0).fit_predict(embeddings)
        score = float(silhouette_score(embeddings, found, metric="cosine"))
        if score > best[0]:
            best = score, found.astype(np.int64)
    return best[1]


def _direction(forget: Floats, embeddings: Floats, retain: Floats, kind: Kind) -> Direction:
    towards, away = forget.mean(0, np.float64), retain.mean(0, np.float64)
    shared = 1.0 if kind == "difference" else (towards @ away) / (away @ away + _EPSILON)
    pulled = towards - shared * away
    length = np.linalg.norm(pulled)
    if length <= _EPSILON * np.linalg.norm(towards):
        raise BadVector("forget and retain texts do not differ; give other retain examples.")
    norms = [np.linalg.norm(part, axis=1).mean(dtype=np.float64) for part in (forget, retain)]
    centroid = embeddings.mean(0)
    return Direction(
        (pulled / length).astype(np.float32),
        float(np.mean(norms)),
        (centroid / max(float(np.linalg.norm(centroid)), _EPSILON)).astype(np.float32),
    )
