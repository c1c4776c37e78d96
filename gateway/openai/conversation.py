"""What is said in a request: from a body to a `Conversation`, nothing left out.

Whatever a chat template may render is part of it: contents and their parts, names, tool calls
and results, reasoning, tools, schemas. What cannot be read as text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.budget import MOST_MESSAGES, Budget
from gateway.openai.grammars import patterns_in, readings
from gateway.openai.parts import joined, part_text
from gateway.openai.texts import texts_in
from guards import Conversation, Message

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

_FIELDS = frozenset(
    {"role", "content", "name", "refusal", "reasoning", "reasoning_content", "tool_calls",
     "tool_call_id", "function_call", "tools"}
)  # fmt: skip
# A client that sends a reply back as a message sends these along; no template renders them.
_DROPPED = frozenset({"annotations", "id", "cache_control"})
_TEXTS = ("refusal", "reasoning", "reasoning_content", "name")
_ID = re.compile(r"(?:call_|fc_|toolu_|chatcmpl-tool-)?[A-Za-z0-9]{1,64}")
_MOST_SHARED = 2**21
"""Characters of suffix and schemas, times the prompts that each are screened with."""


def conversation_of(body: Mapping[str, Any]) -> Conversation:
    """The conversation of a chat body.

    Tools and schemas ask as much as messages do, so they stand in the current turn: right after
    the last message that is not the assistant's, each field as a "system" message. The client's
    messages keep their index in `messages`; only those of the assistant that end it, a prefill,
    are moved by the number of fields that were put before them.

    Keys of messages that no template renders are removed from the body. Raises
    `InvalidRequest` with the path of what is malformed, too much, or cannot be screened.
    """
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list of at least one message.", param="messages")
    if len(messages) > MOST_MESSAGES:
        raise InvalidRequest(
            f"messages may hold {MOST_MESSAGES} messages at most.",
            param="messages",
            code="too_many",
        )
    budget = Budget()
    said = [_message(message, f"messages[{i}]", budget) for i, message in enumerate(messages)]
    ended = len(said)
    while ended and said[ended - 1].role == "assistant":
        ended -= 1
    return Conversation((*said[:ended], *_surroundings(body, budget), *said[ended:]))


def prompts_of(body: Mapping[str, Any]) -> tuple[Conversation, ...]:
    """One conversation for each prompt of a completion body; raises `InvalidRequest`.

    The prompt is message 0; schemas follow it as they do in a chat.
    """
    prompt = body.get("prompt")
    given = prompt if isinstance(prompt, list) else [prompt]
    prompts = [text for text in given if isinstance(text, str)]
    if not prompts or len(prompts) < len(given):
        raise InvalidRequest(
            "prompt must be a string or a list of strings; token ids cannot be screened.",
            param="prompt",
        )
    if prompt == "":
        raise InvalidRequest("prompt must not be empty.", param="prompt")
    suffix = body.get("suffix")
    if suffix is not None and not isinstance(suffix, str):
        raise InvalidRequest("suffix must be a string.", param="suffix")
    around = tuple(_surroundings(body, Budget()))
    shared = len(suffix or "") + sum(len(message.text) for message in around)
    if len(prompts) > 1 and shared * len(prompts) > _MOST_SHARED:
        raise InvalidRequest(
            "prompt holds too many texts for a schema or suffix of this length.", param="prompt"
        )
    return tuple(
        Conversation((Message("user", f"{text}\n{suffix}" if suffix else text), *around))
        for text in prompts
    )


def begun_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """For each prompt of a checked body the text that the model goes on with."""
    if "messages" not in body:
        prompt = body["prompt"]
        return (prompt,) if isinstance(prompt, str) else tuple(prompt)
    last = body["messages"][-1]
    content = last.get("content") if last["role"] == "assistant" else None
    if isinstance(content, list):
        content = "\n".join(part_text(part, "content") for part in content)
    return (content or "",)


def _surroundings(body: Mapping[str, Any], budget: Budget) -> Iterator[Message]:
    """Tools and schemas, as if the system had said them."""
    for field in ("tools", "tool_choice", "response_format", "structured_outputs"):
        value = body.get(field)
        if value is None or value in ("auto", "none", "required"):
            continue
        texts = list(budget.spend_texts(texts_in(value), field))
        patterns = patterns_in(value) if field == "tools" else texts
        texts += [reading for pattern in patterns for reading in readings(pattern)]
        if text := "\n".join(texts):
            yield Message("system", text)


def _message(message: Any, path: str, budget: Budget) -> Message:
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
    return Message(role, "\n".join(_texts(message, content, path, budget)))


def _texts(message: dict[str, Any], content: Any, path: str, budget: Budget) -> Iterator[str]:
    for key in _TEXTS:
        value = message.get(key)
        if isinstance(value, str):
            yield value
        elif value is not None:
            raise InvalidRequest(f"{path}.{key} must be a string.", param=f"{path}.{key}")
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        budget.spend_parts(len(content), f"{path}.content")
        texts = [part_text(part, f"{path}.content[{i}]") for i, part in enumerate(content)]
        yield from joined(texts, f"{path}.content", budget)
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
                said = {k: v for k, v in call.items() if not _is_id(k, v)}
                yield from budget.spend_texts(texts_in(said), f"{path}.{key}")
    call_id = message.get("tool_call_id")
    if call_id is not None and not isinstance(call_id, str):
        raise InvalidRequest(f"{path}.tool_call_id must be a string.", param=f"{path}.tool_call_id")
    if call_id and not _ID.fullmatch(call_id):
        yield call_id


def _is_id(key: str, value: Any) -> bool:
    return key == "id" and isinstance(value, str) and _ID.fullmatch(value) is not None


def _drop_unread(message: dict[str, Any], path: str) -> None:
    for key in message.keys() - _FIELDS:
        if message[key] is None or key in _DROPPED:
            del message[key]
        else:
            raise InvalidRequest(
                f"{path}.{key} is not known and would reach the model unscreened.",
                param=f"{path}.{key}",
            )
