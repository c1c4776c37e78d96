"""The usage of a reply that is not what the engine generated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from gateway.openai.deps import Deps
from gateway.openai.prepare import Prepared


async def usage_of(deps: Deps, prepared: Prepared, said: Iterable[str]) -> dict[str, Any]:
    """The tokens of the prompts and of what was said, each with the marker that ends it."""
    model, texts = prepared.model, list(said)
    prompts, counts = await asyncio.gather(
        deps.pool.count_tokens(model, prepared.body),
        asyncio.gather(*(tokens_of(deps, model, text) for text in texts)),
    )
    completion = sum(counts) + len(texts)
    return {
        "prompt_tokens": prompts.total,
        "total_tokens": prompts.total + completion,
        "completion_tokens": completion,
    }


async def tokens_of(deps: Deps, model: str, text: str) -> int:
    """Tokens of a text; guessed while nobody can tell."""
    if not text:
        return 0
    count = await deps.pool.tokens(model, text)
    return len(text.split()) if count is None else count
