"""What happens to the residual stream behind one decoder layer.

A site keeps a table of pulls, one row a slot, and sums for captures, at fixed addresses. Before
each step it is told which token belongs to which slot (`SparseSite.begin`, or `dense.Tokens.set`
for all dense sites); the op in the graph then calls `apply`.

A layer gives `hidden`, shape (tokens, H), and often `residual` of the same shape: the residual
stream is their sum. A steered row is written back as residual = h' and hidden = 0, so that the add
in the next layer's norm gives h' again; every other row keeps its bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from steering.rotation import rotate
from steering.vllm.sending import sent

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to `stop` of a step, whose activations are added to sums row `row`."""

    row: int
    start: int
    stop: int


class Site:
    """Tables of one layer: pulls, shape (slots + 1, H), and sums, (captures + 1, H), float32."""

    def __init__(self, width: int, slots: int, captures: int, device: torch.device) -> None:
        self.width = width
        self.pulls = torch.zeros(slots + 1, width, dtype=torch.float32, device=device)
        self.acts = torch.zeros(slots + 1, dtype=torch.bool, device=device)
        self.sums = torch.zeros(captures + 1, width, dtype=torch.float32, device=device)

    def fill(self, slot: int, pull: NDArray[np.float32] | None) -> None:
        """Write the pull of a slot; None where it has none at this layer."""
        if pull is not None:
            self.pulls[slot].copy_(sent(pull, self.pulls.device))
        self.acts[slot].fill_(pull is not None)  # a scalar that is assigned is copied, and waits

    def apply(self, hidden: torch.Tensor, residual: torch.Tensor | None) -> None:
        """Rotate the steered rows in place, and add up the captured ones."""
        raise NotImplementedError

    @property
    def fired(self) -> torch.Tensor:
        """How many rows were rotated since the start, counted where it happens; a scalar there."""
        raise NotImplementedError


class SparseSite(Site):
    """For CPUs: touches only the rows that are steered, and costs nothing where none is."""

    def __init__(self, width: int, slots: int, captures: int, device: torch.device) -> None:
        super().__init__(width, slots, captures, device)
        self._acts: NDArray[np.bool_] = self.acts.numpy()
        self._steered: tuple[torch.Tensor, torch.Tensor] | None = None
        self._spans: Sequence[Span] = ()
        self._fired = 0

    def begin(self, rows: Rows | None, spans: Sequence[Span]) -> None:
        """Announce a step: the slot of each token, shape (tokens,), and what to capture."""
        self._spans, self._steered = spans, None
        if rows is not None and len(index := np.flatnonzero(self._acts[rows])):
            self._steered = torch.from_numpy(index), torch.from_numpy(rows[index])

    def apply(self, hidden: torch.Tensor, residual: torch.Tensor | None) -> None:
        """See `Site.apply`."""
        if self._steered is None and not self._spans:
            return
        hidden = hidden.view(-1, self.width)
        residual = None if residual is None else residual.view(-1, self.width)
        for span in self._spans:
            part = slice(span.start, span.stop)
            self.sums[span.row] += _stream(hidden, residual, part).sum(0)
        if self._steered is not None:
            index, slots = self._steered
            turned = rotate(_stream(hidden, residual, index), self.pulls[slots])
            if residual is None:
                hidden[index] = turned.to(hidden.dtype)
            else:
                residual[index] = turned.to(residual.dtype)
                hidden[index] = 0
            self._fired += len(index)

    @property
    def fired(self) -> torch.Tensor:
        """See `Site.fired`."""
        return torch.tensor(self._fired)


def _stream(
    hidden: torch.Tensor, residual: torch.Tensor | None, rows: torch.Tensor | slice
) -> torch.Tensor:
    """The residual stream of some rows, in float32."""
    stream = hidden[rows].float()
    return stream if residual is None else stream + residual[rows].float()
