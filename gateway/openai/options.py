"""The options of a request that a refused reply honours as the engine would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import InvalidRequest

MOST_CHOICES = 128
_COMPLETION_TOKENS = 16
"""What vLLM and OpenAI take for a completion without `max_tokens`."""
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class Options:
    """How the reply is wanted; `max_tokens` None means as long as the context allows."""

    stream: bool
    n: int
    seed: int | None
    max_tokens: int | None
    stop: tuple[str, ...]
    include_stop: bool
    include_usage: bool
    continuous_usage: bool
    structured: bool


def options_of(body: Mapping[str, Any], *, chat: bool) -> Options:
    """The options in a body; raises `InvalidRequest` with the field that is wrong."""
    stream = _switch(body, "stream")
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise InvalidRequest("stream_options must be an object.", param="stream_options")
    if options and not stream:
        raise InvalidRequest("stream_options need stream to be true.", param="stream_options")
    options = options or {}
    include_usage = _switch(options, "include_usage", "stream_options.")
    continuous = _switch(options, "continuous_usage_stats", "stream_options.")
    shape = body.get("response_format")
    plain = not isinstance(shape, dict) or shape.get("type") in (None, "text")
    return Options(
        stream=stream,
        n=_number(body, "n", 1, MOST_CHOICES) or 1,
        seed=_number(body, "seed", -_INT64, _INT64 - 1),
        max_tokens=_max_tokens(body, chat),
        stop=_stop(body),
        include_stop=_switch(body, "include_stop_str_in_output"),
        include_usage=include_usage,
        continuous_usage=include_usage and continuous,
        structured=not plain or body.get("structured_outputs") is not None,
    )


def _max_tokens(body: Mapping[str, Any], chat: bool) -> int | None:
    if not chat:
        limit = _number(body, "max_tokens", 1, _INT64 - 1)
        return _COMPLETION_TOKENS if limit is None else limit
    older = _number(body, "max_tokens", 1, _INT64 - 1)
    newer = _number(body, "max_completion_tokens", 1, _INT64 - 1)
    return older if newer is None else newer


def _switch(body: Mapping[str, Any], name: str, prefix: str = "") -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise InvalidRequest(f"{prefix}{name} must be true or false.", param=prefix + name)
    return bool(value)


def _number(body: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        most = f" to {high}" if high < _INT64 - 1 else " or more"
        raise InvalidRequest(f"{name} must be a whole number, {low}{most}.", param=name)
    return value


def _stop(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("stop")
    stops = [value] if isinstance(value, str) else value or []
    if not isinstance(stops, list) or not all(isinstance(text, str) for text in stops):
        raise InvalidRequest("stop must be a string or a list of strings.", param="stop")
    return tuple(text for text in stops if text)
