"""The logits processor: bans and penalties, in both of vLLM's runner interfaces."""

from __future__ import annotations

from typing import Any

import torch
from vllm.tokenizers import cached_tokenizer_from_config
from vllm.v1.sample.logits_processor import LogitsProcessor, process_dict_updates
from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor as LogitsProcessorV2

from steering.bans import Compiled, Vocabulary
from steering.errors import SteeringError, Unsupported
from steering.intervention import ARGUMENT, PENALTIES, Intervention
from steering.vllm import state
from steering.vllm.masks import Masks
from steering.vllm.rows import Row, row_of, tell
from steering.vllm.slotted import Slotted
from steering.vllm.tokens import token_bytes


class Bans(LogitsProcessor, LogitsProcessorV2):  # type: ignore[misc]
    """Masks the tokens that would complete a forbidden string of a request's rules.

    Runs after structured output, allowed tokens, bad words, min_tokens and logit_bias. Penalties
    for repetition come later; within the bounds that `validate_params` sets they lift no mask. Name
    it in `--logits-processors`: loaded through an entry point alone, the runner may hide output
    tokens from it.

    Never raises in a step. A request whose bans are not held or cannot be applied, and one for
    which bans and other masks leave no token, gets nothing but the end of its text.

    vLLM gives three arguments to a processor of the V1 runner, which is what has been run, and two
    to one of the V2 runner, which keeps tokens on the device. That part was written from vLLM's
    source and has not run on a GPU.
    """

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Raise `ValueError` for an intervention that cannot be read, is not held or might fail."""
        text = (sampling_params.extra_args or {}).get(ARGUMENT)
        if text is None:
            return
        low, high = PENALTIES
        if not low <= sampling_params.repetition_penalty <= high:
            raise ValueError(f"repetition_penalty must be in [{low:g}, {high:g}] under a rule.")
        try:
            state.HELD.check(Intervention.from_text(text))
        except SteeringError as error:
            raise ValueError(str(error)) from error

    def __init__(self, vllm_config: Any, where: Any, is_pin_memory: bool | None = None) -> None:
        """Read the tokenizer, about a second for 100,000 tokens; raises `Unsupported`.

        `where` is the device or, in the V2 runner, the requests' state.
        """
        model = vllm_config.model_config
        if vllm_config.speculative_config is not None:
            raise Unsupported("bans and speculative decoding do not go together.")
        if not model.logits_processors:
            raise Unsupported(
                "bans must be named in --logits-processors, or they may not see the output."
            )
        tokenizer = cached_tokenizer_from_config(model)
        if tokenizer is None:
            raise Unsupported("bans need the tokenizer; leave out --skip-tokenizer-init.")
        size = model.get_vocab_size()
        end = tokenizer.eos_token_id
        if end is None or not 0 <= end < size:
            raise Unsupported("bans need a model that has an end-of-text token.")
        self.compiled = Compiled(Vocabulary(token_bytes(tokenizer, size)))
        state.COMPILING.into = self.compiled
        self._rows: dict[int, Row] = {}
        device = where if is_pin_memory is not None else where.device
        self.masks = Masks(end, device)
        self._slotted = None if is_pin_memory is not None else Slotted(self.compiled, where)

    def is_argmax_invariant(self) -> bool:
        """Masks change what is most probable."""
        return False

    def update_state(self, batch_update: Any) -> None:
        """V1: follow which request has which row of the logits."""
        process_dict_updates(
            self._rows,
            batch_update,
            lambda params, prompt, output: row_of(self.compiled, params, prompt, output),
        )

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        """V2: a request enters a slot."""
        return self._slotted is not None and self._slotted.add(req_idx, sampling_params)

    def apply(self, logits: torch.Tensor, ctx: Any = None) -> torch.Tensor:
        """Mask this step's logits in place; V2 tells the step's layout in `ctx`."""
        rows: list[tuple[int, Row]] | None = None
        try:
            rows = list(self._rows.items()) if self._slotted is None else self._slotted.rows(ctx)
            self.masks.write(logits, rows)
        except Exception as error:
            tell(error)
            # Not knowing which rows have an intervention, none may speak.
            known = range(len(logits)) if rows is None else [index for index, _ in rows]
            self.masks.silence(logits, known)
        return logits
