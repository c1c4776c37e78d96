"""Captures in the worker: mean activations of texts that this engine itself was sent.

A capture is announced by a nonce that the API server drew; a request that names another is an
ordinary request. It takes a row of the sums while it is in the batch, and what was summed is kept
until it is fetched, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from steering.vllm.sites import Site

ARGUMENT = "lethe_capture"
"""The key in a request's extra arguments under which its nonce travels."""

MOST_AT_ONCE = 16
"""Captures in the batch at once; rows of each site's sums."""

Sums = dict[int, NDArray[np.float32]]


@dataclass(slots=True)
class Capture:
    """One text: the row that it has, tokens summed so far, and the sums once it left the batch."""

    row: int = 0
    tokens: int = 0
    sums: Sums = field(default_factory=dict)


class Captures:
    """Captures of one worker, over the sites of the layers."""

    def __init__(self, sites: Mapping[int, Site]) -> None:
        self._sites = sites
        self._announced: dict[str, Capture] = {}
        self._free = list(range(MOST_AT_ONCE, 0, -1))

    def announce(self, nonces: list[str]) -> None:
        """Make nonces known, before the requests that carry them are sent."""
        self._announced.update((nonce, Capture()) for nonce in nonces)

    def enter(self, nonce: object) -> Capture | None:
        """A request comes into the batch; None where it is no capture, or no row is free."""
        capture = self._announced.get(nonce) if isinstance(nonce, str) else None
        if capture is None or capture.row or not self._free:
            return None
        capture.row = self._free.pop()
        if capture.sums:  # it was taken out of the batch and goes on
            for layer, site in self._sites.items():
                site.sums[capture.row].copy_(torch.from_numpy(capture.sums[layer]))
            capture.sums = {}
        else:
            self._restart(capture)
        return capture

    def reach(self, capture: Capture, position: int, tokens: int) -> int:
        """How many of the next tokens, which begin at `position` of the text, are to be summed.

        A text that was begun and then recomputed from its start counts once.
        """
        if position == 0:
            self._restart(capture)
        if position != capture.tokens:
            return 0
        capture.tokens += tokens
        return tokens

    def leave(self, capture: Capture) -> None:
        """A request left the batch: its sums are set aside, its row is free again."""
        if not capture.row:  # fetched before its leaving was seen
            return
        capture.sums = {
            layer: site.sums[capture.row].cpu().numpy().copy()
            for layer, site in self._sites.items()
        }
        self._free.append(capture.row)
        capture.row = 0

    def fetch(self, nonces: list[str]) -> list[tuple[int, Sums]]:
        """Tokens and sums of finished captures, which are forgotten; (0, {}) of unknown ones."""
        found = []
        for nonce in nonces:
            capture = self._announced.pop(nonce, Capture())
            self.leave(capture)
            found.append((capture.tokens, capture.sums))
        return found

    def _restart(self, capture: Capture) -> None:
        capture.tokens = 0
        for site in self._sites.values():
            site.sums[capture.row].zero_()
