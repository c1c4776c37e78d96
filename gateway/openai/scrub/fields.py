"""Where in a piece of a choice texts stand, known fields and unknown ones alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Path = tuple[str | int, ...]
"""The keys and list places that lead to a text; of a list entry its `index`, where it has one."""

CONTENT: Path = ("content",)
TEXT: Path = ("text",)
REFUSAL: Path = ("refusal",)

CALLS = frozenset({"tool_calls", "function_call"})
"""The fields of a message that call tools."""

_FORMAL = frozenset({"role", "type", "finish_reason", "stop_reason", "index"})
_AROUND = frozenset({"index", "logprobs", "finish_reason", "stop_reason"})
_BESIDE = ""
"""What stands beside a message stands in it under this name meanwhile; no field has it."""
_WORD = re.compile(r"[a-z]{1,32}")
_KEY = "name"
"""What the name of a field is read as: in one piece, as that of a tool."""
KNOWN = frozenset(
    {_BESIDE, "role", "content", "text", "refusal", "reasoning", "reasoning_content", "annotations",
     "audio", "tool_calls", "function_call", "function", "name", "arguments", "id", "type", "index",
     "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens",
     "prompt_tokens_details", "completion_tokens_details"}
)  # fmt: skip
"""Names of fields that engines use, which say nothing."""


def replaced(value: Any, each: Callable[[Path, str], str], path: Path = ()) -> Any:
    """A value with every text in it replaced; what says nothing stays, as a role does.

    A field whose name does not stay is left out.
    """
    if isinstance(value, str):
        return value if _formal(path, value) else each(path, value)
    if isinstance(value, dict):
        return {
            key: replaced(inner, each, (*path, key))
            for key, inner in value.items()
            if key in KNOWN or each((*path, key, _KEY), key) == key
        }
    if isinstance(value, list):
        return [replaced(inner, each, (*path, _place(inner, at))) for at, inner in enumerate(value)]
    return value


def said_by(choice: dict[str, Any], message: str) -> dict[str, Any]:
    """All that a choice says: what stands under `message`, and what nobody knows beside it.

    Of a completion that is its text and what stands beside that.
    """
    beside = {
        name: value
        for name, value in choice.items()
        if name not in _AROUND and name != message and value is not None
    }
    if message not in choice:
        return {"text": choice.get("text"), **beside}
    return {**choice[message], _BESIDE: beside} if beside else choice[message]


def told_by(choice: dict[str, Any], message: str, said: dict[str, Any]) -> dict[str, Any]:
    """The choice with what of that goes out, each field in its place."""
    given = {**said.pop(_BESIDE, {}), message: said} if message in choice else said
    kept = {
        name: value
        for name, value in choice.items()
        if name in _AROUND or name in given or value is None
    }
    return {**kept, **given}


def put(value: dict[str, Any], path: Path, text: str) -> None:
    """Add to a text that stands, or shall stand, at a path."""
    first, *rest = path
    if not rest:
        value[str(first)] = (value.get(str(first)) or "") + text
        return
    inner = value.setdefault(str(first), [] if isinstance(rest[0], int) else {})
    if isinstance(inner, list):
        index, *rest = rest
        entry = next((e for n, e in enumerate(inner) if _place(e, n) == index), None)
        if entry is None:
            entry = {"index": index}
            inner.append(entry)
        inner = entry
    put(inner, tuple(rest), text)


def is_arguments(path: Path) -> bool:
    """Whether a text is what a tool is to be called with: JSON."""
    return path[-1] == "arguments"


def is_whole(path: Path) -> bool:
    """Whether a text comes in one piece, as a name or an id does."""
    return len(path) > 1 and path[-1] in ("name", "id")


def without_nameless(piece: dict[str, Any]) -> None:
    """Leave out the calls of tools whose name did not go out: nobody could make them."""
    calls = piece.get("tool_calls")
    if not isinstance(calls, list):
        return
    named = [call for call in calls if (call.get("function") or {}).get("name") != ""]
    if named:
        piece["tool_calls"] = named
    else:
        del piece["tool_calls"]


def says_something(value: Any) -> bool:
    """Whether a piece has any text, number or name in it."""
    if isinstance(value, dict):
        return any(says_something(inner) for key, inner in value.items() if key != "index")
    if isinstance(value, list):
        return any(map(says_something, value))
    return value is not None and value != ""


def _place(entry: Any, at: int) -> int:
    index = entry.get("index") if isinstance(entry, dict) else None
    return index if isinstance(index, int) else at


def _formal(path: Path, text: str) -> bool:
    return path[-1] in _FORMAL and _WORD.fullmatch(text) is not None
