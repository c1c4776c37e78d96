"""The options of a request that a refused reply honours as the engine would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.sampling import INT64, switch, whole

MOST_CHOICES = 128
"""Choices that one request may ask for, over all its prompts."""
MOST_STOPS = 4
"""Stop strings that OpenAI allows, and vLLM unless it was started otherwise."""
MOST_PADDED = 512
"""Tokens up to which a refusal is made longer where the engine may not end."""
_COMPLETION_TOKENS = 16
"""What vLLM and OpenAI take for a completion without `max_tokens`."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the reply is wanted; `max_tokens` None means as long as the context allows.

    `seed` is None where it changes nothing: without one, and in greedy sampling. `json` says that
    the answer is to be JSON.
    """

    stream: bool
    n: int
    seed: int | None
    max_tokens: int | None
    max_tokens_field: str
    min_tokens: int
    ignore_eos: bool
    stop: tuple[str, ...]
    include_stop: bool
    include_usage: bool
    continuous_usage: bool
    structured: bool
    json: bool
    logprobs: bool
    forced: bool

    @property
    def least(self) -> int:
        """Tokens that a refusal is to have because the engine would not have ended before."""
        least = (self.max_tokens or MOST_PADDED) if self.ignore_eos else self.min_tokens
        return min(least, MOST_PADDED)

    @property
    def shaped(self) -> bool:
        """Whether a grammar shapes the answer: a structure, or a tool that must be called."""
        return self.structured or self.forced

    @property
    def detailed(self) -> bool:
        """Whether more is asked for than a refusal can give: probabilities, or a shape."""
        return self.shaped or self.logprobs


def options_of(body: Mapping[str, Any], *, chat: bool) -> Options:
    """The options in a body; raises `InvalidRequest` with the field that is wrong."""
    stream = _switch(body, "stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise InvalidRequest("stream_options must be an object.", param="stream_options")
    if options and not stream:
        raise InvalidRequest(
            "Stream options can only be defined when `stream=True`.", param="stream_options"
        )
    options = options or {}
    include_usage = _switch(options, "include_usage", "stream_options.")
    continuous = _switch(options, "continuous_usage_stats", "stream_options.")
    shape = body.get("response_format")
    plain = not isinstance(shape, dict) or shape.get("type") in (None, "text")
    n = _number(body, "n", 1, MOST_CHOICES) or 1
    greedy = body.get("temperature") == 0
    if greedy and n > 1:
        raise InvalidRequest(f"n must be 1 when using greedy sampling, got {n}.", param="n")
    prompts = body.get("prompt")
    count = n * len(prompts) if isinstance(prompts, list) else n
    if count > MOST_CHOICES:
        raise InvalidRequest(
            f"n times the number of prompts must be at most {MOST_CHOICES}, got {count}.",
            param="n" if n > 1 else "prompt",
        )
    seed = _number(body, "seed", -INT64, INT64 - 1)
    max_tokens = _max_tokens(body, chat)
    min_tokens = _number(body, "min_tokens", 0, INT64 - 1) or 0
    if max_tokens is not None:
        check_min_tokens(min_tokens, max_tokens)
    return Options(
        stream=stream,
        n=n,
        seed=None if greedy or seed == -1 else seed,
        max_tokens=max_tokens,
        max_tokens_field="max_completion_tokens"
        if body.get("max_completion_tokens") is not None
        else "max_tokens",
        min_tokens=min_tokens,
        ignore_eos=_switch(body, "ignore_eos"),
        stop=_stop(body),
        include_stop=_switch(body, "include_stop_str_in_output"),
        include_usage=include_usage,
        continuous_usage=include_usage and continuous,
        structured=not plain or body.get("structured_outputs") is not None,
        json=_json(shape) or _json(body.get("structured_outputs")),
        logprobs=body.get("logprobs") not in (None, False),
        forced=body.get("tool_choice") not in (None, "auto", "none"),
    )


def _json(shape: Any) -> bool:
    """Whether a shape makes the answer JSON: one of OpenAI's, or of the engine's own."""
    if not isinstance(shape, dict):
        return False
    kinds = {shape.get("type"), *(name for name, value in shape.items() if value is not None)}
    return not kinds.isdisjoint({"json_object", "json_schema", "json"})


def check_min_tokens(min_tokens: int, max_tokens: int) -> None:
    """A reply cannot be longer than it may be at most."""
    if min_tokens > max_tokens:
        raise InvalidRequest(
            f"min_tokens must be less than or equal to max_tokens={max_tokens}, got {min_tokens}.",
            param="min_tokens",
        )


def _max_tokens(body: Mapping[str, Any], chat: bool) -> int | None:
    if not chat:
        limit = _number(body, "max_tokens", 1, INT64 - 1)
        return _COMPLETION_TOKENS if limit is None else limit
    older = _number(body, "max_tokens", 1, INT64 - 1)
    newer = _number(body, "max_completion_tokens", 1, INT64 - 1)
    return older if newer is None else newer


def _switch(body: Mapping[str, Any], name: str, prefix: str = "") -> bool:
    value = body.get(name)
    if value is not None:
        switch(prefix + name, value)
    return bool(value)


def _number(body: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value: int | None = body.get(name)
    if value is not None:
        whole(low, high)(name, value)
    return value


def _stop(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("stop")
    stops = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(stops, list) or not all(isinstance(text, str) for text in stops):
        raise InvalidRequest("stop must be a string or a list of strings.", param="stop")
    if len(stops) > MOST_STOPS:
        raise InvalidRequest(
            f"stop may hold {MOST_STOPS} strings at most, got {len(stops)}.", param="stop"
        )
    if not all(stops):
        raise InvalidRequest("stop cannot contain an empty string.", param="stop")
    return tuple(stops)
