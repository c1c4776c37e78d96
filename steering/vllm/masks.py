"""Writing masks into logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from steering.bans.vocabulary import Ids
from steering.vllm.rows import Row
from steering.vllm.sending import sent

_NEVER = float("-inf")


class Masks:
    """Masks of one worker's steps. `end` is the token that ends a text."""

    def __init__(self, end: int, device: torch.device) -> None:
        self._end, self._device = end, device
        self.silenced = 0
        """Rows of which nothing but the end was left because their bans could not be applied."""
        self._stranded = torch.zeros((), dtype=torch.int64, device=device)

    @property
    def stranded(self) -> int:
        """Rows that had to end because bans and other masks left no token; waits for the device."""
        return int(self._stranded.item())

    def write(self, logits: torch.Tensor, rows: Sequence[tuple[int, Row]]) -> None:
        """Mask `logits`, shape (rows, tokens), in place; each row with what it belongs to."""
        banned, penalised, penalties, silent, narrow = [], [], [], [], []
        for index, row in rows:
            found = row.forbidden()
            if found is None:
                silent.append(index)
                continue
            if not found:
                continue
            if row.narrow:
                narrow.append(index)
            if row.penalty is None:
                banned += [(index, ids) for ids in found]
            else:
                penalised += [(index, ids) for ids in found]
                penalties += [np.full(ids.size, row.penalty, np.float32) for ids in found]
        if banned:
            _flat(logits).index_fill_(0, self._places(logits, banned), _NEVER)
        if penalised:
            flat, places = _flat(logits), self._places(logits, penalised)
            amounts = sent(np.concatenate(penalties), self._device)
            # Written, not added: a token that several strings would complete loses once.
            flat.index_copy_(0, places, flat.index_select(0, places) - amounts)
        if silent:
            self.silence(logits, silent)
        if narrow:
            self._free(logits, narrow)

    def silence(self, logits: torch.Tensor, rows: Sequence[int]) -> None:
        """Leave nothing but the end of the text. Without waiting for the device."""
        self.silenced += len(rows)
        index = sent(np.array(rows, np.int64), self._device)
        logits.index_fill_(0, index, _NEVER)
        logits[:, self._end].index_fill_(0, index, 0.0)

    def _free(self, logits: torch.Tensor, rows: Sequence[int]) -> None:
        """Let rows end in which no token is left. Without waiting for the device."""
        index = sent(np.array(rows, np.int64), self._device)
        stuck = torch.isneginf(logits[index].amax(dim=1))
        logits[index, self._end] = torch.where(stuck, 0.0, logits[index, self._end])
        self._stranded += stuck.sum()

    def _places(self, logits: torch.Tensor, parts: Sequence[tuple[int, Ids]]) -> torch.Tensor:
        """The places of all tokens in the flat logits, for one kernel."""
        sizes = [ids.size for _, ids in parts]
        starts = np.array([index * logits.stride(0) for index, _ in parts], np.int64)
        places = np.repeat(starts, sizes) + np.concatenate([ids for _, ids in parts])
        return sent(places, self._device)


def _flat(logits: torch.Tensor) -> torch.Tensor:
    """The same memory along one axis. Rows may lie apart: a padded vocabulary is cut off."""
    rows, tokens = logits.shape
    return logits.as_strided(((rows - 1) * logits.stride(0) + tokens,), (1,))
