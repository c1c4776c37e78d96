"""Requests in the slots of vLLM's V2 runner, which keeps their tokens on the device."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from steering.bans import Compiled
from steering.vllm.rows import Row, row_of


@dataclass(slots=True)
class _Slot:
    params: Any
    tokens: list[int] = field(default_factory=list)
    row: Row | None = None


class Slotted:
    """Brings the tokens of requests with an intervention to the host, one copy a step.

    Without speculative decoding each request has one row of logits, in the order of the batch. The
    copy waits for the step before, so what is read is what was sampled. `state` is vLLM's
    `LogitsProcRequestState`.
    """

    def __init__(self, compiled: Compiled, state: Any) -> None:
        self._compiled, self._state = compiled, state
        self._slots: dict[int, _Slot] = {}

    def add(self, slot: int, params: Any) -> bool:
        """A request enters a slot; whether it has an intervention."""
        self._slots.pop(slot, None)
        if row_of(self._compiled, params, (), []) is None:
            return False
        self._slots[slot] = _Slot(params)
        return True

    def rows(self, ctx: Any) -> list[tuple[int, Row]]:
        """The rows of a step whose requests are through with their prompt."""
        slots = ctx.idx_mapping_np.tolist()
        held = [(index, slot) for index, slot in enumerate(slots) if slot in self._slots]
        if not held:
            return []
        fed, places = torch.stack([ctx.input_ids.long(), ctx.pos.long()]).tolist()
        found = []
        for index, slot in held:
            request = self._slots[slot]
            self._follow(slot, request, fed[index], places[index])
            prompt = int(self._state.prompt_len.np[slot])
            if len(request.tokens) < prompt:
                continue  # what is sampled in the middle of a prompt is thrown away
            if request.row is None:
                request.row = row_of(self._compiled, request.params, request.tokens[:prompt], [])
            if request.row is not None:
                request.row.output = request.tokens[prompt:]
                found.append((index, request.row))
        return found

    def _follow(self, slot: int, request: _Slot, fed: int, place: int) -> None:
        """Know the tokens up to the one that was fed, at `place` of the sequence."""
        if len(request.tokens) == place:
            request.tokens.append(fed)
        else:
            tokens = self._state.all_token_ids.gpu[slot, : place + 1]
            request.tokens = [int(token) for token in tokens.tolist()]
