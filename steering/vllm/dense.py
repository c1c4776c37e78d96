"""Steered layers on GPUs: what acts on a row is looked up on the device, so that graphs can replay.

A replayed CUDA graph runs no Python. What a step needs is therefore written to fixed addresses
before it (`Tokens`), and two kernels behind each steered layer read it there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from steering.vllm import kernels
from steering.vllm.sites import Rows, Site, Span


class Tokens:
    """The slot of each token and the bounds of each capture, on the device, for all dense sites.

    `most` is the longest step, padding included; what lies behind a step's tokens is 0. `captures`
    is how many there are at once: `bounds`, shape (captures + 1, 2), has the first token and the
    one after the last by row of the sums.
    """

    def __init__(self, most: int, captures: int, device: torch.device) -> None:
        edge = 2 * (captures + 1)
        pinned = device.type == "cuda"
        self._host = torch.zeros(edge + most, dtype=torch.int32, pin_memory=pinned)
        self._device = torch.zeros(edge + most, dtype=torch.int32, device=device)
        self._bounds, self._slots = np.split(self._host.numpy(), [edge])
        self.bounds, self.slots = self._device[:edge].view(-1, 2), self._device[edge:]

    def set(self, rows: Rows | None, spans: Sequence[Span]) -> None:
        """Announce a step, like `SparseSite.begin`. In stream order with the step itself.

        The runner waits before it prepares inputs until those of the step before were copied, so
        nothing is written over that is still on its way.
        """
        self._host.zero_()
        if rows is not None:
            self._slots[: len(rows)] = rows
        for span in spans:
            self._bounds[2 * span.row : 2 * span.row + 2] = span.start, span.stop
        self._device.copy_(self._host, non_blocking=True)


class DenseSite(Site):
    """For GPUs: the same launches at every step, in which rows that nothing acts on are not read.

    `tokens` is what all sites of a model share.
    """

    def __init__(
        self, width: int, slots: int, captures: int, device: torch.device, tokens: Tokens
    ) -> None:
        super().__init__(width, slots, captures, device)
        self._tokens = tokens
        self._fired = torch.zeros((), dtype=torch.int64, device=device)

    def apply(self, hidden: torch.Tensor, residual: torch.Tensor | None) -> None:
        """See `Site.apply`. Raises `ValueError` for more tokens than the longest step has."""
        hidden = hidden.view(-1, self.width)
        residual = None if residual is None else residual.view(-1, self.width)
        slots = self._tokens.slots
        if len(hidden) > len(slots):
            raise ValueError(f"a step of {len(hidden)} tokens; at most {len(slots)} were expected.")
        # Before the rotation: captured is what the model itself has.
        kernels.collect(hidden, residual, self._tokens.bounds, self.sums)
        kernels.turn(hidden, residual, slots, self.acts, self.pulls, fired=self._fired)

    @property
    def fired(self) -> torch.Tensor:
        """See `Site.fired`."""
        return self._fired
