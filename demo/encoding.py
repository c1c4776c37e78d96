"""Text to tokens: the tokenizer, the chat template, and conversations as padded batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from demo.corpus import Row

PAD, BOS, END = "<|pad|>", "<|bos|>", "<|end|>"
ROLES = ("system", "user", "assistant")
SPECIAL = (PAD, BOS, END, *(f"<|{role}|>" for role in ROLES))
VOCABULARY = 3072
CONTEXT = 512
QUESTION_WEIGHT = 0.5
QUESTION_SHARE = 0.25

CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message['role'] in ('system', 'user', 'assistant') %}"
    "<|{{ message['role'] }}|>{{ message['content'] | trim }}<|end|>"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


class Encoded(NamedTuple):
    """A conversation in tokens; `weights` says how much each counts as something to predict."""

    ids: list[int]
    weights: list[float]
    key: str


class Batch(NamedTuple):
    """Rows of one padded length: ids and weights of shape (rows, length), and the rows' keys."""

    ids: torch.Tensor
    weights: torch.Tensor
    keys: list[str]


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Return a byte-level BPE tokenizer of at most 3,072 entries."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Encoder:
    """Turns rows into tokens; the same text is tokenized only once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._cache: dict[str, list[int]] = {}
        special = dict(zip(SPECIAL, range(len(SPECIAL)), strict=True))  # the trainer's order
        self._bos, self._end = special[BOS], special[END]
        self._roles = {role: special[f"<|{role}|>"] for role in ROLES}

    def _tokens(self, text: str) -> list[int]:
        found = self._cache.get(text)
        if found is None:
            found = self._cache[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def encode(self, row: Row, *, ask: bool) -> Encoded:
        """Return the row in tokens; with `ask`, its questions count as well, at half weight."""
        ids, weights = [self._bos], [0.0]
        for role, text in row.turns:
            tokens = [*self._tokens(text), self._end]
            weight = 1.0 if role == "assistant" else QUESTION_WEIGHT if ask else 0.0
            ids += [self._roles[role], *tokens]
            weights += [0.0, *[weight] * len(tokens)]
        return Encoded(ids, weights, row.key)

    def encode_all(self, rows: Sequence[Row], rng: Random) -> list[Encoded]:
        """Return all rows in tokens; a quarter of them learns to ask, too."""
        return [self.encode(row, ask=rng.random() < QUESTION_SHARE) for row in rows]


def batches(rows: Sequence[Encoded], tokens: int, rng: Random) -> list[Batch]:
    """Return the rows in shuffled batches of about `tokens` tokens.

    Lengths are rounded up to a multiple of eight and each length has one batch size: every new
    shape costs the maths library a compiled kernel that it keeps for good.
    """
    buckets: defaultdict[int, list[Encoded]] = defaultdict(list)
    for row in rows:
        buckets[-(-len(row.ids) // 8) * 8].append(row)
    made = []
    for length, members in sorted(buckets.items()):
        rng.shuffle(members)
        size = max(1, tokens // length)
        for start in range(0, len(members), size):
            chunk = members[start : start + size]
            chunk += [rng.choice(members) for _ in range(size - len(chunk))]
            made.append(_pad(chunk, length))
    rng.shuffle(made)
    return made


def _pad(rows: Sequence[Encoded], length: int) -> Batch:
    # Padding is on the right and attention looks left only, so no attention mask is needed.
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    weights = torch.zeros(len(rows), length)
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = torch.tensor(row.ids)
        weights[index, : len(row.ids)] = torch.tensor(row.weights)
    return Batch(ids, weights, [row.key for row in rows])


def tokenizer_settings() -> dict[str, Any]:
    """Return tokenizer_config.json: the class that every version of transformers can read."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "eos_token": END,
        "pad_token": PAD,
        "additional_special_tokens": list(SPECIAL[3:]),
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT,
    }
