"""The items of an input as chat messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.parts import part_text
from gateway.openai.sampling import wrong

_SLOTS = ("reasoning", "content", "tool_calls")
# What a response says about its own items; a client that sends them back sends it along.
_DROPPED = frozenset({"type", "id", "status", "phase"})
_DROPPED_OF_PARTS = frozenset({"annotations", "logprobs", "prompt_cache_breakpoint"})
_ROLES = ("user", "assistant", "system", "developer")


def messages_of(instructions: str | None, given: Any) -> list[tuple[str, dict[str, Any]]]:
    """The messages of a chat, each with the path of the field or item that it began with.

    What an assistant thought, said and called in one turn is one message, as in a chat. Raises
    `InvalidRequest` with the path of what is malformed or cannot be screened.
    """
    said: list[tuple[str, dict[str, Any]]] = []
    if instructions:
        said.append(("instructions", {"role": "system", "content": instructions}))
    if isinstance(given, str):
        return [*said, ("input", {"role": "user", "content": given})]
    if not isinstance(given, list) or not given:
        raise wrong("input", "must be a string or a list of at least one item")
    for number, item in enumerate(given):
        path = f"input[{number}]"
        message = _message(item, path)
        if message is None:
            continue
        if said and _continues(said[-1][1], message):
            _add(said[-1][1], message)
        else:
            said.append((path, message))
    return said


def _message(item: Any, path: str) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        raise wrong(path, "must be an object")
    kind = item.get("type") or ("message" if "role" in item else "item_reference")
    if kind == "item_reference":
        raise InvalidRequest(
            f"{path} refers to an item that was stored, and nothing is stored; send the item.",
            param=path,
            code="unsupported_field",
        )
    read = _READERS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise InvalidRequest(
            f"{path}: items of type {str(kind)[:40]!r} cannot be screened yet; send "
            f"{', '.join(_READERS)}.",
            param=f"{path}.type",
            code="unsupported_content",
        )
    keys, message = read
    for name in item.keys() - _DROPPED - keys:
        if item[name] is not None:
            param = f"{path}.{name[:100]}"
            raise InvalidRequest(f"{param} is not known, or cannot be screened.", param=param)
    return message(item, path)


def _spoken(item: dict[str, Any], path: str) -> dict[str, Any]:
    role = item.get("role")
    if role not in _ROLES:
        raise wrong(f"{path}.role", f"must be one of {', '.join(_ROLES)}")
    return {"role": role, "content": _content(item.get("content"), f"{path}.content")}


def _thought(item: dict[str, Any], path: str) -> dict[str, Any] | None:
    if item.get("encrypted_content") is not None:
        raise InvalidRequest(
            f"{path}.encrypted_content cannot be screened; send the reasoning as text or leave "
            "the item out.",
            param=f"{path}.encrypted_content",
            code="unsupported_content",
        )
    texts: list[str] = []
    for name, kind in (("content", "reasoning_text"), ("summary", "summary_text")):
        parts = item.get(name) or []
        if not isinstance(parts, list):
            raise wrong(f"{path}.{name}", "must be a list of parts")
        said = [_typed(part, kind, f"{path}.{name}[{i}]") for i, part in enumerate(parts)]
        texts = texts or said  # a summary stands in where the reasoning itself is not told
    return {"role": "assistant", "reasoning": "\n".join(texts)} if texts else None


def _called(item: dict[str, Any], path: str) -> dict[str, Any]:
    function = {name: _string(item, name, path) for name in ("name", "arguments")}
    call = {"id": _string(item, "call_id", path), "type": "function", "function": function}
    return {"role": "assistant", "tool_calls": [call]}


def _returned(item: dict[str, Any], path: str) -> dict[str, Any]:
    content = _content(item.get("output"), f"{path}.output")
    return {"role": "tool", "tool_call_id": _string(item, "call_id", path), "content": content}


_Reader = tuple[frozenset[str], Callable[[dict[str, Any], str], dict[str, Any] | None]]
_READERS: Mapping[str, _Reader] = {
    "message": (frozenset({"role", "content"}), _spoken),
    "reasoning": (frozenset({"content", "summary", "encrypted_content"}), _thought),
    "function_call": (frozenset({"call_id", "name", "arguments"}), _called),
    "function_call_output": (frozenset({"call_id", "output"}), _returned),
}


def _continues(before: dict[str, Any], message: dict[str, Any]) -> bool:
    """Whether it belongs to the assistant's message before: thoughts, words and calls in a row."""
    if before["role"] != "assistant" or message["role"] != "assistant":
        return False
    slot = next(slot for slot in _SLOTS if slot in message)
    later = _SLOTS[_SLOTS.index(slot) :]
    return slot == "tool_calls" or before.keys().isdisjoint(later)


def _add(before: dict[str, Any], message: dict[str, Any]) -> None:
    calls = [*before.get("tool_calls", ()), *message.get("tool_calls", ())]
    before |= message
    if calls:
        before["tool_calls"] = calls


def _content(value: Any, path: str) -> str | list[dict[str, str]]:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise wrong(path, "must be a string or a list of parts")
    texts = [part_text(_bare(part), f"{path}[{i}]") for i, part in enumerate(value)]
    if len(texts) < 2:
        return "".join(texts)  # as chats mostly are, and as every template can read it
    return [{"type": "text", "text": text} for text in texts]


def _bare(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    return {name: value for name, value in part.items() if name not in _DROPPED_OF_PARTS}


def _typed(part: Any, kind: str, path: str) -> str:
    if (
        not isinstance(part, dict)
        or part.get("type") != kind
        or not part.keys() <= {"type", "text"}
    ):
        raise wrong(path, f'must be an object of type "{kind}" with a text')
    return _string(part, "text", path)


def _string(item: dict[str, Any], name: str, path: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise wrong(f"{path}.{name}", "must be a string")
    return value
