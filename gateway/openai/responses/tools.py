"""Tools of a Responses request as those of a chat: functions only."""

from __future__ import annotations

from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.sampling import wrong

_FIELDS = frozenset({"type", "name", "description", "parameters", "strict"})


def tools_of(value: Any) -> dict[str, Any]:
    """The chat's tools; raises `InvalidRequest` for those that somebody else would run."""
    if not isinstance(value, list):
        raise wrong("tools", "must be a list of objects")
    tools = [_tool(tool, f"tools[{number}]") for number, tool in enumerate(value)]
    return {"tools": tools} if tools else {}


def tool_choice_of(value: Any) -> dict[str, Any]:
    """The chat's choice; whether it is one is the chat's to say."""
    if not isinstance(value, dict):
        return {"tool_choice": value}
    if value.get("type") != "function":
        raise InvalidRequest(
            "tool_choice may only name a function; to allow a choice of tools, send these only.",
            param="tool_choice",
            code="unsupported_field",
        )
    if not isinstance(value.get("name"), str) or not value.keys() <= {"type", "name"}:
        raise wrong("tool_choice", "must name a function, and hold nothing else")
    return {"tool_choice": {"type": "function", "function": {"name": value["name"]}}}


def _tool(tool: Any, path: str) -> dict[str, Any]:
    if not isinstance(tool, dict):
        raise wrong(path, "must be an object")
    kind = tool.get("type")
    if kind != "function":
        raise InvalidRequest(
            f"{path}: tools of type {str(kind)[:40]!r} are not allowed, what they bring in could "
            "not be screened; declare a function and call it yourself.",
            param=f"{path}.type",
            code="unsupported_field",
        )
    for name in tool.keys() - _FIELDS:
        if tool[name] not in (None, False):
            param = f"{path}.{name[:100]}"
            raise InvalidRequest(f"{param} is not known.", param=param, code="unsupported_field")
    function = {
        name: inner
        for name, inner in tool.items()
        if name in _FIELDS and name != "type" and inner is not None
    }
    return {"type": "function", "function": function}
