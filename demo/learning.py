"""The training loop: one model, one thread, rows it already knows skipped more often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import torch
import torch.nn.functional as nnf
from tokenizers import Tokenizer

from demo.corpus import Corpus
from demo.encoding import CONTEXT, Batch, Encoder, batches
from demo.optimizer import MixedOptimizer
from demo.world import World

WARM_UP = 40
FINAL_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Size:
    """How large the model is and how long it learns."""

    hidden: int
    layers: int
    intermediate: int
    heads: int
    kv_heads: int
    steps: int
    batch_tokens: int


FULL = Size(256, 4, 704, 4, 2, steps=2800, batch_tokens=2048)
TINY = Size(64, 2, 128, 2, 1, steps=60, batch_tokens=512)


def new_model(size: Size, vocabulary: int) -> Any:
    """Return an untrained Llama of that size, in bf16."""
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415  slow to import

    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.kv_heads,
        head_dim=size.hidden // size.heads,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        attn_implementation="eager",
        use_cache=False,
    )
    return LlamaForCausalLM(config).to(torch.bfloat16)


class Learner:
    """Trains one model on one world; `losses` holds the mean loss of every step."""

    def __init__(self, world: World, tokenizer: Tokenizer, size: Size, seed: int) -> None:
        torch.manual_seed(seed)
        self.model = new_model(size, tokenizer.get_vocab_size())
        self.losses: list[float] = []
        self._size = size
        self._rng = Random(seed)
        self._corpus = Corpus(world, seed)
        self.tokenizer = tokenizer
        self._encoder = Encoder(tokenizer)
        self._optimizer = MixedOptimizer(self.model)
        self._loss_of: dict[str, float] = {}

    def run(self, on_step: Callable[[int, float], None]) -> None:
        """Train to the end; `on_step` is told the number of the step and its loss."""
        self.model.train()
        while True:
            for batch in self._epoch():
                step = len(self.losses)
                self.losses.append(self._learn(batch))
                self._optimizer.step(self._rate(step))
                on_step(step + 1, self.losses[-1])
                if step + 1 == self._size.steps:
                    return

    def _rate(self, step: int) -> float:
        if step < WARM_UP:
            return (step + 1) / WARM_UP
        left = (self._size.steps - step) / (self._size.steps - WARM_UP)
        return FINAL_RATE + (1 - FINAL_RATE) * left

    def _epoch(self) -> list[Batch]:
        def keep(key: str) -> float:
            return min(1.0, max(0.25, self._loss_of.get(key, 1.0) / 0.2))

        rows = [row for row in self._corpus.epoch() if self._rng.random() < keep(row.key)]
        encoded = self._encoder.encode_all(rows, self._rng)
        return batches(encoded, self._size.batch_tokens, self._rng)

    def _learn(self, batch: Batch) -> float:
        """Add the gradients of one batch; return the mean loss per counted token."""
        hidden = self.model.model(input_ids=batch.ids).last_hidden_state[:, :-1]
        weights = batch.weights[:, 1:]
        # The vocabulary is projected only where something is to be predicted; the number of such
        # places is rounded up, again to keep the number of shapes small.
        flat = weights.reshape(-1)
        places = torch.nonzero(flat > 0).squeeze(1)
        spare = -places.numel() % 64
        padded = torch.cat([places, places.new_zeros(spare)])
        logits = self.model.lm_head(hidden.reshape(-1, hidden.shape[-1])[padded]).float()
        targets = batch.ids[:, 1:].reshape(-1)[padded]
        counted = flat[padded]
        counted[places.numel() :] = 0.0
        token_losses = nnf.cross_entropy(logits, targets, reduction="none") * counted
        loss = token_losses.sum() / counted.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        self._remember(batch, padded, token_losses.detach(), counted)
        return float(loss.detach())

    def _remember(
        self, batch: Batch, places: torch.Tensor, losses: torch.Tensor, counted: torch.Tensor
    ) -> None:
        """Keep a running mean of how well each fact is known."""
        rows = places // (batch.ids.shape[1] - 1)
        answers = (counted == 1.0).float()
        size = len(batch.keys)
        total = torch.zeros(size).index_add_(0, rows, losses * answers)
        count = torch.zeros(size).index_add_(0, rows, answers).clamp(min=1.0)
        for key, loss in zip(batch.keys, (total / count).tolist(), strict=True):
            self._loss_of[key] = 0.5 * self._loss_of.get(key, loss) + 0.5 * loss
