"""Tiny random models of the architectures that are steered, as Hugging Face configurations.

They speak in the demo model's tokens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

from demo.stack import MODEL_DIR

_COMMON: dict[str, Any] = {
    "vocab_size": 3072,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "max_position_embeddings": 128,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "tie_word_embeddings": True,
    "initializer_range": 0.2,
}
_GROUPED = {**_COMMON, "num_key_value_heads": 1, "head_dim": 64}
_GEMMA = {**_GROUPED, "query_pre_attn_scalar": 64, "sliding_window": 64}

CONFIGURATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "Llama": ("LlamaConfig", _GROUPED),
    "Qwen2": ("Qwen2Config", {**_COMMON, "num_key_value_heads": 1}),
    "Qwen3": ("Qwen3Config", _GROUPED),
    "Mistral": ("MistralConfig", _GROUPED),
    "Gemma2": ("Gemma2Config", _GEMMA),
    "Gemma3": ("Gemma3TextConfig", _GEMMA),
    "Phi3": ("Phi3Config", {**_COMMON, "num_key_value_heads": 1}),
    "Granite": ("GraniteConfig", {**_COMMON, "num_key_value_heads": 1}),
    "OPT": (
        "OPTConfig",
        {
            **_COMMON,
            "ffn_dim": 256,
            "word_embed_proj_dim": 128,
            "do_layer_norm_before": True,
            "init_std": 0.2,
        },
    ),
    "GPT2": (
        "GPT2Config",
        {
            "vocab_size": 3072,
            "n_embd": 128,
            "n_layer": 4,
            "n_head": 2,
            "n_positions": 128,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "initializer_range": 0.2,
        },
    ),
    "OLMo2": ("Olmo2Config", {**_COMMON, "num_key_value_heads": 1}),
}


def build(name: str, folder: Path) -> Path:
    """A model of an architecture with random weights, in a folder."""
    kind, fields = CONFIGURATIONS[name]
    torch.manual_seed(0)
    config = getattr(transformers, kind)(**fields)
    model = transformers.AutoModelForCausalLM.from_config(config).float()
    model.save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(MODEL_DIR).save_pretrained(folder)
    return folder
