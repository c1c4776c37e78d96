"""The logits processor: requests that could not be steered say nothing."""

from __future__ import annotations

from typing import Any

import torch
from vllm.v1.sample.logits_processor import LogitsProcessor

from steering.errors import SteeringError
from steering.intervention import ARGUMENT, Intervention
from steering.vllm import state


class Bans(LogitsProcessor):  # type: ignore[misc]
    """Checks interventions at the door, and silences those that failed in the worker."""

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Raise `ValueError` for an intervention that this engine cannot apply."""
        text = (sampling_params.extra_args or {}).get(ARGUMENT)
        if text is None:
            return
        try:
            state.HELD.check(Intervention.from_text(text))
        except SteeringError as error:
            raise ValueError(str(error)) from error

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:
        eos = vllm_config.model_config.hf_text_config.eos_token_id
        self._end = eos[0] if isinstance(eos, list) else eos or 0
        self._texts: dict[int, str] = {}

    def is_argmax_invariant(self) -> bool:
        """Masks change what is most probable."""
        return False

    def update_state(self, batch_update: Any) -> None:
        """Follow which request has which row of the logits."""
        if batch_update is None:
            return
        for row in batch_update.removed:
            self._texts.pop(row, None)
        for row, params, _, _ in batch_update.added:
            self._texts.pop(row, None)
            if (text := (params.extra_args or {}).get(ARGUMENT)) is not None:
                self._texts[row] = str(text)
        for source, target, kind in batch_update.moved:
            moved, other = self._texts.pop(source, None), self._texts.pop(target, None)
            if moved is not None:
                self._texts[target] = moved
            if other is not None and kind.name == "SWAP":
                self._texts[source] = other

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Mask all but the end of text where a request failed."""
        for row, text in self._texts.items():
            if state.failed(text):
                logits[row] = float("-inf")
                logits[row, self._end] = 0.0
        return logits
