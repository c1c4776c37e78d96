"""From a Responses request to a chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.fields import Handling, refuse_unknown, refuse_used
from gateway.openai.responses.fields import AS_IN_A_CHAT, ENCRYPTED, FIELDS, LOGPROBS
from gateway.openai.responses.items import messages_of
from gateway.openai.responses.tools import tool_choice_of, tools_of
from gateway.openai.sampling import whole, wrong


@dataclass(frozen=True, slots=True)
class Translated:
    """A Responses request as a chat.

    `asked` is the request as it came, which the answer repeats in part; `origins` holds, for each
    message of the chat, the path of the field or item that it began with.
    """

    asked: Mapping[str, Any]
    chat: dict[str, Any]
    origins: tuple[str, ...]


def translate(body: Any) -> Translated:
    """The chat that asks the same; raises `InvalidRequest` with the field of the request."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    given = dict(body)
    for name in body:
        field = FIELDS.get(name)
        if field is None:
            refuse_unknown(given, name)
        elif given[name] is None:
            del given[name]
        elif field.handling is Handling.REFUSE:
            refuse_used(given, field)
    chat = {name: value for name, value in given.items() if name in AS_IN_A_CHAT}
    for name, read in _READERS.items():
        if name in given:
            chat |= read(given[name])
    said = messages_of(given.get("instructions"), given.get("input"))
    chat["messages"] = [message for _, message in said]
    if given.get("stream"):
        chat["stream_options"] = {"include_usage": True}
    elif "stream_options" in given:
        raise wrong("stream_options", "needs stream to be true")
    if not chat.get("tools") and chat.get("tool_choice") in ("auto", "none"):
        del chat["tool_choice"]  # the default of this route, and an error in a chat
    if given.get("top_logprobs") and "logprobs" not in chat:
        raise wrong("top_logprobs", f'needs include to hold "{LOGPROBS}"')
    return Translated(body, chat, tuple(path for path, _ in said))


def _text(value: Any) -> dict[str, Any]:
    _known("text", value, "format", "verbosity")
    shape = value.get("format")
    if shape is None:
        return {}
    if not isinstance(shape, dict) or shape.get("type") != "json_schema":
        return {"response_format": shape}
    schema = {name: inner for name, inner in shape.items() if name != "type"}
    _known("text.format", schema, "name", "description", "schema", "strict")
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _reasoning(value: Any) -> dict[str, Any]:
    _known("reasoning", value, "effort", "summary", "generate_summary")
    return {"reasoning_effort": value.get("effort")}


def _include(value: Any) -> dict[str, Any]:
    if not isinstance(value, list):
        raise wrong("include", "must be a list of strings")
    for name in value:
        if name not in (LOGPROBS, ENCRYPTED):
            raise InvalidRequest(
                f"include may hold {LOGPROBS} and {ENCRYPTED} only, got {str(name)[:100]!r}.",
                param="include",
                code="unsupported_field",
            )
    return {"logprobs": True} if LOGPROBS in value else {}


def _stream_options(value: Any) -> dict[str, Any]:
    _known("stream_options", value, "include_obfuscation")
    if value.get("include_obfuscation"):
        raise wrong("stream_options.include_obfuscation", "must be false: events are not padded")
    return {}


def _truncation(value: Any) -> dict[str, Any]:
    if value != "disabled":
        raise InvalidRequest(
            'truncation may only be "disabled": the model would read something else than was '
            "screened. Send less input.",
            param="truncation",
            code="unsupported_field",
        )
    return {}


def _max_tool_calls(value: Any) -> dict[str, Any]:
    whole(1)("max_tool_calls", value)
    return {}


def _instructions(value: Any) -> dict[str, Any]:
    if not isinstance(value, str):
        raise wrong("instructions", "must be a string")
    return {}


def _known(path: str, value: Any, *names: str) -> None:
    if not isinstance(value, dict):
        raise wrong(path, "must be an object")
    for name, inner in value.items():
        if name not in names and inner is not None:
            raise wrong(f"{path}.{name[:100]}", f"is not known; there are {', '.join(names)}")


_READERS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "instructions": _instructions,
    "max_output_tokens": lambda value: {"max_completion_tokens": value},
    "top_logprobs": lambda value: {"top_logprobs": value},
    "tools": tools_of,
    "tool_choice": tool_choice_of,
    "text": _text,
    "reasoning": _reasoning,
    "include": _include,
    "stream_options": _stream_options,
    "truncation": _truncation,
    "max_tool_calls": _max_tool_calls,
}
