"""Which of a rule's vectors act on a prompt."""

from __future__ import annotations

from collections.abc import Sequence

from steering.vector import Floats


def weights(centroids: Sequence[Floats | None], embeddings: Floats, gate: float) -> list[float]:
    """How much each of a rule's vectors acts on a prompt: 1 where it is close, 0 elsewhere.

    `embeddings`, shape (n, d), are those of the prompt's windows; `gate` is the cosine from which
    a centroid is close (published: .55). Where none is, all act: that the prompt touches the
    rule has been decided before.
    """
    near = [
        1.0 if centroid is None or (embeddings @ centroid).max(initial=-1.0) > gate else 0.0
        for centroid in centroids
    ]
    return near if any(near) else [1.0] * len(near)
