"""A Llama with random weights and a tokenizer of common words, for speeds alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wordfreq import top_n_list

VOCABULARY, CONTEXT = 32_000, 512


@dataclass(frozen=True, slots=True)
class Size:
    """Hidden size, MLP size and decoder layers."""

    width: int
    wide: int
    depth: int


LARGE = Size(768, 2_048, 12)
"""About 110 million parameters."""
SMALL = Size(64, 128, 4)


def write_model(folder: Path, size: Size) -> int:
    """Write a model that vLLM can serve, in float32; how many parameters it has."""
    import torch  # noqa: PLC0415
    from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415
    from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

    disable_progress_bar()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=size.width,
            intermediate_size=size.wide,
            num_hidden_layers=size.depth,
            num_attention_heads=size.width // 64,
            num_key_value_heads=size.width // 64,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
        )
    )
    model.save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return int(model.num_parameters())


def _tokenizer() -> Any:
    """Bytes, and common English words with a space before them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    special = ["<s>", "</s>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [f"Ġ{word}" for word in top_n_list("en", 2 * VOCABULARY) if word.isascii()]
    entries = list(dict.fromkeys([*special, *alphabet, *words]))[:VOCABULARY]
    tokenizer = Tokenizer(models.BPE({entry: n for n, entry in enumerate(entries)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=special[0], eos_token=special[1]
    )
