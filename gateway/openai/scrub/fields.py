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
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def replaced(value: Any, each: Callable[[Path, str], str], path: Path = ()) -> Any:
    """A value with every text in it replaced; what says nothing stays, as an id or a role does."""
    if isinstance(value, str):
        return value if _formal(path, value) else each(path, value)
    if isinstance(value, dict):
        return {key: replaced(inner, each, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, each, (*path, _place(inner, at))) for at, inner in enumerate(value)]
    return value


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
    """Whether a text comes in one piece, as the name of a tool does."""
    return len(path) > 1 and path[-1] == "name"


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
    return path[-1] in _FORMAL or (path[-1] == "id" and _ID.fullmatch(text) is not None)
