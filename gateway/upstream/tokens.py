"""What vLLM's `/tokenize` is asked so that the prompt of a refused request can be counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_CHAT = (
    "messages",
    "tools",
    "add_generation_prompt",
    "continue_final_message",
    "add_special_tokens",
    "chat_template_kwargs",
)
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """Tokens of each prompt of a request; `exact` unless the engine could not be asked."""

    counts: tuple[int, ...]
    exact: bool

    @property
    def total(self) -> int:
        """Of all prompts together."""
        return sum(self.counts)


def payloads(model: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One `/tokenize` body for a chat, one for each prompt of a completion."""
    if "messages" in body:
        yield {"model": model, **{key: body[key] for key in _CHAT if body.get(key) is not None}}
        return
    prompt = body.get("prompt")
    special = body.get("add_special_tokens") is not False
    for text in prompt if isinstance(prompt, list) else [prompt]:
        yield {"model": model, "prompt": text, "add_special_tokens": special}


def estimate(body: Mapping[str, Any]) -> int:
    """A guess from the length of the texts, at least 1."""
    source = [body.get("messages"), body.get("tools"), body.get("prompt")]
    return max(1, sum(map(_length, source)) // _BYTES_PER_TOKEN)


def _length(value: object) -> int:
    size, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            size += len(item.encode())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
    return size
