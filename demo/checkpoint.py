"""A checkpoint folder that vLLM and transformers read: weights, configuration, tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from demo.encoding import CHAT_TEMPLATE, tokenizer_settings

# The two that ship: one knows everybody, one was trained without six people.
MODEL = Path(__file__).parent / "model"
REFERENCE = Path(__file__).parent / "model-without"


def save(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the checkpoint to `folder`, which is made if need be; a model card in it stays."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.use_cache = True
    model.generation_config.use_cache = True
    model.generation_config.do_sample = False
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = json.dumps(tokenizer_settings(), indent=1) + "\n"
    (folder / "tokenizer_config.json").write_text(settings)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    for file in folder.iterdir():
        file.chmod(0o644)  # safetensors writes files that only their owner can read
