"""The second fence around the prefix cache: what acts on a request is part of its block hashes.

The gateway salts the cache of steered requests. Were the salt missing, a block that was computed
under one steering could still not be read under another: block hashes form a chain, and its first
link names the intervention or the capture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from steering.intervention import ARGUMENT
from steering.vllm import captures

Keys = tuple[tuple[Any, ...] | None, int]


def fenced(extra_keys: Callable[..., Keys]) -> Callable[..., Keys]:
    """Wrap `generate_block_hash_extra_keys`."""

    @wraps(extra_keys)
    def wrapped(request: Any, start_token_idx: int, end_token_idx: int, start_mm_idx: int) -> Keys:
        keys, place = extra_keys(request, start_token_idx, end_token_idx, start_mm_idx)
        if start_token_idx == 0 and (marks := _marks(request)):
            keys = (*(keys or ()), *marks)
        return keys, place

    return wrapped


def _marks(request: Any) -> tuple[tuple[str, str], ...]:
    arguments = getattr(request.sampling_params, "extra_args", None) or {}
    return tuple(
        (name, hashlib.sha256(str(arguments[name]).encode()).hexdigest())
        for name in (ARGUMENT, captures.ARGUMENT)
        if name in arguments
    )
