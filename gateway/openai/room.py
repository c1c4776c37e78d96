"""How much room a prompt leaves for its answer: what a refusal must respect like the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.errors import InvalidRequest
from gateway.openai.options import Options, check_min_tokens
from gateway.upstream import PromptTokens, over_length


def check_room(options: Options, context: int | None) -> None:
    """Refuse what no prompt leaves room for; checked before anything is judged."""
    wanted = options.max_tokens
    if wanted is not None and context is not None and wanted > context:
        raise InvalidRequest(
            f"{options.max_tokens_field}={wanted} cannot be greater than "
            f"max_model_len={context}. Please request fewer output tokens.",
            param=options.max_tokens_field,
        )


def rooms(options: Options, prompts: PromptTokens, context: int | None) -> Sequence[Options]:
    """The options for each prompt, cut to the room that it leaves.

    Raises `InvalidRequest` where there is none. An estimate is not held against the client.
    """
    if context is None or not prompts.exact:
        return [options] * len(prompts.counts)
    cut = []
    for count in prompts.counts:
        left = context - count
        if left < 1:
            raise over_length()
        limit = left if options.max_tokens is None else min(left, options.max_tokens)
        check_min_tokens(options.min_tokens, limit)
        cut.append(replace(options, max_tokens=limit))
    return cut
