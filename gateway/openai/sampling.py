"""Types and ranges of the fields that only steer how the engine samples.

What the engine would answer with 400 is answered so here, before anything is judged: a
request that is refused must not be told from one that passes by the errors it is spared. The
bounds are vLLM's own, but where single precision, in which it computes, would turn a number into 0
or into none at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway.errors import InvalidRequest
from steering.intervention import PENALTIES

Check = Callable[[str, Any], None]

INT64 = 2**63
MOST_LOGPROBS = 20
"""Alternatives per token that vLLM gives unless it was started otherwise."""
_MOST_BAD_WORDS = 128
_LEAST_FLOAT = 2.0**-126
"""Below it, single precision rounds to 0 or nearly so."""

_TOKEN = re.compile(r"[0-9]{1,10}")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def is_number(value: object) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def wrong(name: str, how: str) -> InvalidRequest:
    """The error of a field that is not as it must be."""
    return InvalidRequest(f"{name} {how}.", param=name)


def switch(name: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(name, "must be true or false")


def whole(low: int, high: int = INT64 - 1) -> Check:
    """A whole number within bounds."""

    def check(name: str, value: Any) -> None:
        if not is_whole(value):
            raise wrong(name, "must be an integer")
        if value < low:
            raise wrong(name, f"must be at least {low}, got {value}")
        if value > high:
            raise wrong(name, f"must be at most {high}, got {value}")

    return check


def _number(words: str, low: float, high: float, *, above: bool = False) -> Check:
    """A finite number within bounds, `above` the lower one; `words` say which."""

    def check(name: str, value: Any) -> None:
        if not is_number(value):
            raise wrong(name, "must be a number")
        if isinstance(value, float) and not math.isfinite(value):
            raise wrong(name, f"must be a finite number, got {value}")
        if not low <= value <= high or (above and value < low + _LEAST_FLOAT):
            raise wrong(name, f"must be {words}, got {str(value)[:30]}")

    return check


def _string(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise wrong(name, "must be a string")


def _one_of(*words: str) -> Check:
    def check(name: str, value: Any) -> None:
        if value not in words:
            raise wrong(name, f"must be one of {', '.join(words)}")

    return check


def _tokens(least: int) -> Check:
    def check(name: str, value: Any) -> None:
        if not isinstance(value, list) or not all(is_whole(n) and n >= 0 for n in value):
            raise wrong(name, "must be a list of token ids")
        if len(value) < least:
            raise wrong(name, "must not be empty")

    return check


def _words(name: str, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(w, str) and w for w in value):
        raise wrong(name, "must be a list of strings, none of them empty")
    if len(value) > _MOST_BAD_WORDS:
        raise wrong(name, f"may hold {_MOST_BAD_WORDS} words at most")


def _bias(name: str, value: Any) -> None:
    if not isinstance(value, dict) or not all(map(_TOKEN.fullmatch, value)):
        raise wrong(name, "must be an object from token ids to numbers")
    if not all(is_number(bias) and -100 <= bias <= 100 for bias in value.values()):
        raise wrong(name, "may hold numbers in [-100, 100] only")


def _repetition(name: str, value: Any) -> None:
    sizes = ("max_pattern_size", "min_pattern_size", "min_count")
    if not isinstance(value, dict) or not value.keys() <= set(sizes):
        raise wrong(name, f"must be an object of {', '.join(sizes)}")
    most, least, count = (value.get(key, 0) for key in sizes)
    if not all(is_whole(n) and 0 <= n < INT64 for n in (most, least, count)):
        raise wrong(name, "may hold non-negative integers only")
    if least > most:
        raise wrong(name, "needs min_pattern_size <= max_pattern_size")
    if most and count < 2:
        raise wrong(name, "needs a min_count of at least 2")


def _priority(name: str, value: Any) -> None:
    if not is_whole(value) or value:
        raise wrong(name, "must be 0: the order of requests is not the client's to choose")


_BOTH: dict[str, Check] = {
    "temperature": _number("in [0, 2]", 0, 2),
    "top_p": _number("in (0, 1]", 0, 1, above=True),
    "min_p": _number("in [0, 1]", 0, 1),
    "presence_penalty": _number("in [-2, 2]", -2, 2),
    "frequency_penalty": _number("in [-2, 2]", -2, 2),
    # It multiplies the logits after bans have acted: −inf times 0 would be no ban any more.
    "repetition_penalty": _number("in [0.001, 1000]", *PENALTIES),
    "length_penalty": _number("a number", -math.inf, math.inf),
    "top_k": whole(-1, 2**31 - 1),
    "max_tokens": whole(1),
    "min_tokens": whole(0),
    "seed": whole(-INT64),
    "thinking_token_budget": whole(-1),
    "stream_interval": whole(1),
    "routed_experts_prompt_start": whole(0),
    "logit_bias": _bias,
    "stop_token_ids": _tokens(0),
    "allowed_token_ids": _tokens(1),
    "bad_words": _words,
    "repetition_detection": _repetition,
    "truncation_side": _one_of("left", "right"),
    "priority": _priority,
    "session_id": _string,
    "user": _string,
    **dict.fromkeys(
        ("watermarking", "ignore_eos", "include_stop_str_in_output", "skip_special_tokens",
         "spaces_between_special_tokens", "add_special_tokens", "stream"),
        switch,
    ),
}  # fmt: skip
_CHAT: dict[str, Check] = {
    "max_completion_tokens": whole(1),
    "logprobs": switch,
    "top_logprobs": whole(0, MOST_LOGPROBS),
    "reasoning_effort": _one_of(*_EFFORTS),
    **dict.fromkeys(
        ("parallel_tool_calls", "include_reasoning", "add_generation_prompt",
         "continue_final_message"),
        switch,
    ),
}  # fmt: skip
_COMPLETIONS: dict[str, Check] = {"logprobs": whole(0, MOST_LOGPROBS)}
_CHECKS: Mapping[bool, Mapping[str, Check]] = {True: _BOTH | _CHAT, False: _BOTH | _COMPLETIONS}


def check_sampling(body: Mapping[str, Any], *, chat: bool) -> None:
    """Check every field on its own, then those that need each other; null counts as absent."""
    checks = _CHECKS[chat]
    for name, value in body.items():
        if value is not None and (check := checks.get(name)) is not None:
            check(name, value)
    if chat and body.get("top_logprobs") and not body.get("logprobs"):
        raise InvalidRequest(
            "when using `top_logprobs`, `logprobs` must be set to true.", param="top_logprobs"
        )
    if body.get("continue_final_message") and body.get("add_generation_prompt"):
        raise InvalidRequest(
            "Cannot set both `continue_final_message` and `add_generation_prompt` to True.",
            param="continue_final_message",
        )
