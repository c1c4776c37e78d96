"""What is said in a request: from a body to a `Conversation`, nothing left out.

Whatever a chat template may render is part of it: contents and their parts, names, tool calls
and results, reasoning, tools, schemas. What cannot be read as text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.texts import texts_in
from guards import Conversation, Message

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

# Parts that hold text, by type: the key of the text, and keys that may stand beside it.
_PARTS = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
    "thinking": "thinking",
}
_BESIDE = frozenset({"type", "closed"})
_FIELDS = frozenset(
    {"role", "content", "name", "refusal", "reasoning", "reasoning_content", "tool_calls",
     "tool_call_id", "function_call", "tools"}
)  # fmt: skip
# A client that sends a reply back as a message sends these along; no template renders them.
_DROPPED = frozenset({"annotations", "id", "cache_control"})
_TEXTS = ("refusal", "reasoning", "reasoning_content", "name")
_ID = re.compile(r"(?:call_|fc_|toolu_|chatcmpl-tool-)?[A-Za-z0-9]{1,64}")
_MOST_PROMPTS = 128


def conversation_of(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a chat body.

    Keys of messages that no template renders are removed from the body. Raises
    `InvalidRequest` with the path of what is malformed or cannot be screened.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list of at least one message.", param="messages")
    said = [_message(message, f"messages[{i}]") for i, message in enumerate(messages)]
    return Conversation((*_surroundings(body), *said))


def prompts_of(body: Mapping[str, Any]) -> tuple[Conversation, ...]:
    """One conversation for each prompt of a completion body; raises `InvalidRequest`."""
    prompt = body.get("prompt")
    given = prompt if isinstance(prompt, list) else [prompt]
    prompts = [text for text in given if isinstance(text, str)]
    if not prompts or len(prompts) < len(given):
        raise InvalidRequest(
            "prompt must be a string or a list of strings; token ids cannot be screened.",
            param="prompt",
        )
    if len(prompts) > _MOST_PROMPTS:
        raise InvalidRequest(f"prompt may hold {_MOST_PROMPTS} texts at most.", param="prompt")
    suffix = body.get("suffix")
    if suffix is not None and not isinstance(suffix, str):
        raise InvalidRequest("suffix must be a string.", param="suffix")
    around = _surroundings(body)
    return tuple(
        Conversation((*around, Message("user", f"{text}\n{suffix}" if suffix else text)))
        for text in prompts
    )


def _surroundings(body: Mapping[str, Any]) -> Iterator[Message]:
    """Tools and schemas, as if the system had said them."""
    for field in ("tools", "tool_choice", "response_format", "structured_outputs"):
        value = body.get(field)
        if value is not None and value not in ("auto", "none", "required"):
            text = "\n".join(texts_in(value))
            if text:
                yield Message("system", text)


def _message(message: Any, path: str) -> Message:
    if not isinstance(message, dict):
        raise InvalidRequest(f"{path} must be an object.", param=path)
    if not message.keys() <= _FIELDS:
        _drop_unread(message, path)
    role = message.get("role")
    if not isinstance(role, str) or role not in ROLES:
        raise InvalidRequest(
            f"{path}.role must be one of {', '.join(sorted(ROLES))}.", param=f"{path}.role"
        )
    content = message.get("content")
    if isinstance(content, str) and len(message) == 2:
        return Message(role, content)  # nearly all messages
    return Message(role, "\n".join(_texts(message, content, path)))


def _texts(message: dict[str, Any], content: Any, path: str) -> Iterator[str]:
    for key in _TEXTS:
        value = message.get(key)
        if isinstance(value, str):
            yield value
        elif value is not None:
            raise InvalidRequest(f"{path}.{key} must be a string.", param=f"{path}.{key}")
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from _joined([_part(p, f"{path}.content[{i}]") for i, p in enumerate(content)])
    elif content is not None:
        raise InvalidRequest(
            f"{path}.content must be a string or a list of parts.", param=f"{path}.content"
        )
    for key in ("tool_calls", "function_call", "tools"):
        value = message.get(key)
        if value is not None:
            calls = value if isinstance(value, list) else [value]
            if not all(isinstance(call, dict) for call in calls):
                raise InvalidRequest(f"{path}.{key} is malformed.", param=f"{path}.{key}")
            for call in calls:
                yield from texts_in({k: v for k, v in call.items() if not _is_id(k, v)})
    call_id = message.get("tool_call_id")
    if call_id is not None and not isinstance(call_id, str):
        raise InvalidRequest(f"{path}.tool_call_id must be a string.", param=f"{path}.tool_call_id")
    if call_id and not _ID.fullmatch(call_id):
        yield call_id


def _is_id(key: str, value: Any) -> bool:
    return key == "id" and isinstance(value, str) and _ID.fullmatch(value) is not None


def _part(part: Any, path: str) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise InvalidRequest(f"{path} must be an object or a string.", param=path)
    kind = part.get("type")
    key = _PARTS.get(kind) if isinstance(kind, str) else None
    if key is None:
        raise InvalidRequest(
            f"{path}: parts of type {str(kind)[:40]!r} cannot be screened yet; send text.",
            param=path,
            code="unsupported_content",
        )
    part.pop("cache_control", None)
    for name in part.keys() - _BESIDE - {key}:
        raise InvalidRequest(f"{path}.{name} is not known.", param=f"{path}.{name}")
    if not isinstance(part.get("closed", False), bool):
        raise InvalidRequest(f"{path}.closed must be true or false.", param=f"{path}.closed")
    text = part.get(key)
    if not isinstance(text, str):
        raise InvalidRequest(f"{path}.{key} must be a string.", param=f"{path}.{key}")
    return text


def _joined(texts: list[str]) -> Iterator[str]:
    """Parts as the engine may join them: by line breaks, or by nothing at all."""
    yield "\n".join(texts)
    seams = pairwise(texts)
    if any(a and b and a[-1].isalnum() and b[0].isalnum() for a, b in seams):
        yield "".join(texts)


def _drop_unread(message: dict[str, Any], path: str) -> None:
    for key in message.keys() - _FIELDS:
        if message[key] is None or key in _DROPPED:
            del message[key]
        else:
            raise InvalidRequest(
                f"{path}.{key} is not known and would reach the model unscreened.",
                param=f"{path}.{key}",
            )
