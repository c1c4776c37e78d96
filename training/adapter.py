"""Fits the adapter: prompts about somebody closer to that name than to any other.

Contrastive (InfoNCE, "Representation Learning with Contrastive Predictive Coding", arXiv
1807.03748) over the people of the material, with prompts about their neighbours as hard
negatives, starting from and held near the identity: what the encoder knows of the world must not
be unlearned.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from training.material import Embedded

_TEMPERATURE = 0.2
_NEAR_IDENTITY = 20.0
_RATE, _EPOCHS, _BATCH = 2e-3, 10, 256


def fit(people: Sequence[Embedded], seed: int = 0) -> NDArray[np.float32]:
    """The map, shape (d, d); the same for the same material and seed on one machine."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    prompts = torch.tensor(np.concatenate([p.prompts for p in people]))
    owners = torch.tensor(np.repeat(np.arange(len(people)), [len(p.prompts) for p in people]))
    strangers = torch.tensor(np.concatenate([p.neighbours for p in people]))
    subjects = [
        _Subjects([p.name for p in people]),
        _Subjects([p.passage for p in people]),
    ]
    identity = torch.eye(prompts.shape[1])
    matrix = torch.nn.Parameter(identity.clone())
    optimizer = torch.optim.Adam([matrix], lr=_RATE)
    for _ in range(_EPOCHS):
        for rows in torch.randperm(len(prompts), generator=generator).split(_BATCH):  # type: ignore[no-untyped-call]
            drawn = torch.randint(len(strangers), (_BATCH,), generator=generator)
            kind = subjects[int(torch.randint(2, (), generator=generator))]
            near = kind.closeness(prompts[rows], matrix)
            far = kind.closeness(strangers[drawn], matrix)
            own = near[torch.arange(len(rows)), owners[rows]]
            others = torch.logsumexp(far.T[owners[rows]], dim=1)
            loss = cross_entropy(near, owners[rows]) + (torch.logaddexp(others, own) - own).mean()
            loss = loss + _NEAR_IDENTITY * ((matrix - identity) ** 2).sum() / len(identity)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return matrix.detach().numpy().astype(np.float32)


class _Subjects:
    """What people are known by; of several embeddings of one person the closest counts."""

    def __init__(self, embeddings: Sequence[NDArray[np.float32]]) -> None:
        self._all = torch.tensor(np.concatenate(embeddings))
        counts = torch.tensor([len(part) for part in embeddings])
        self._owner = torch.repeat_interleave(torch.arange(len(embeddings)), counts)
        self._count = len(embeddings)

    def closeness(self, texts: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
        """Scaled cosines of texts to people, shape (texts, people)."""
        cosines = normalize(texts @ matrix, dim=1) @ normalize(self._all @ matrix, dim=1).T
        best = torch.full((len(texts), self._count), -1.0)
        owners = self._owner.expand(len(texts), -1)
        return best.scatter_reduce(1, owners, cosines, "amax") / _TEMPERATURE
