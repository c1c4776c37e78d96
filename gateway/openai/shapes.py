"""The shapes of tools and schemas, checked as the engine would check them.

Whether a grammar compiles is left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.errors import InvalidRequest
from gateway.openai.sampling import wrong

_KINDS: Mapping[str, tuple[type, ...]] = {
    "json": (str, dict),
    "regex": (str,),
    "choice": (list,),
    "grammar": (str,),
    "json_object": (bool,),
    "structural_tag": (str,),
}
_KIND_OPTIONS: Mapping[str, type] = {
    "disable_any_whitespace": bool,
    "disable_additional_properties": bool,
    "whitespace_pattern": str,
}
_SHAPES = ("text", "json_object", "json_schema", "structural_tag")


def check_shapes(body: Mapping[str, Any], *, chat: bool) -> None:
    """Check tools and schemas; raises `InvalidRequest` with the field."""
    if chat:
        names = _tools(body.get("tools"))
        _tool_choice(body.get("tool_choice"), names)
    shape = _response_format(body.get("response_format"))
    kind = _structured_outputs(body.get("structured_outputs"))
    given = {"json_schema": "json"}.get(shape, shape)
    if kind and given not in ("text", kind):
        raise wrong("structured_outputs", "may not ask for another kind than response_format")
    if chat and kind in ("json", "regex", "choice") and isinstance(body.get("tool_choice"), dict):
        raise wrong("structured_outputs", "cannot be used together with a named tool")


def _tools(tools: Any) -> set[str] | None:
    """Names of the tools; None without any."""
    if tools is None:
        return None
    if not isinstance(tools, list):
        raise wrong("tools", "must be a list of objects")
    if not tools:
        raise InvalidRequest(
            "`tools` must not be an empty array. "
            "Either provide at least one tool or omit the field entirely.",
            param="tools",
        )
    names = set()
    for number, tool in enumerate(tools):
        path = f"tools[{number}]"
        if not isinstance(tool, dict) or tool.get("type", "function") != "function":
            raise wrong(path, 'must be an object of type "function"')
        function = tool.get("function")
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise wrong(f"{path}.function", "must be an object with a name")
        for key, kind in (("description", str), ("parameters", dict), ("strict", bool)):
            if not isinstance(function.get(key), kind | None):
                raise wrong(f"{path}.function.{key}", "is malformed")
        names.add(function["name"])
    return names


def _tool_choice(choice: Any, names: set[str] | None) -> None:
    if choice is None or choice == "none":
        return
    if names is None:
        raise InvalidRequest("When using `tool_choice`, `tools` must be set.", param="tool_choice")
    if choice in ("auto", "required"):
        return
    function = choice.get("function") if isinstance(choice, dict) else None
    if (
        not isinstance(function, dict)
        or not isinstance(function.get("name"), str)
        or choice.get("type", "function") != "function"
    ):
        raise wrong("tool_choice", 'must be "none", "auto", "required" or a named tool')
    if function["name"] not in names:
        raise InvalidRequest(
            "The tool specified in `tool_choice` does not match any of the specified `tools`",
            param="tool_choice",
        )


def _response_format(shape: Any) -> str:
    """Its type; "text" where there is none."""
    if shape is None:
        return "text"
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind not in _SHAPES:
        raise wrong("response_format.type", f"must be one of {', '.join(_SHAPES)}")
    schema = shape.get("json_schema")
    if kind == "json_schema" and schema is None:
        raise InvalidRequest(
            "When response_format type is 'json_schema', the 'json_schema' field must be provided.",
            param="response_format",
        )
    if kind != "structural_tag" and schema is not None:
        path = "response_format.json_schema"
        if not isinstance(schema, dict) or not isinstance(schema.get("name"), str):
            raise wrong(path, "must be an object with a name")
        for key, wanted in (("description", str), ("schema", dict), ("strict", bool)):
            if not isinstance(schema.get(key), wanted | None):
                raise wrong(f"{path}.{key}", "is malformed")
    if kind == "json_schema" and schema.get("schema") is None:
        raise wrong("response_format.json_schema.schema", "must be an object")
    return str(kind)


def _structured_outputs(value: Any) -> str | None:
    """The kind that is asked for."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong("structured_outputs", "must be an object")
    kinds = [name for name in _KINDS if value.get(name) is not None]
    if len(kinds) != 1:
        raise wrong("structured_outputs", f"must hold exactly one of {', '.join(_KINDS)}")
    for name, inner in value.items():
        wanted = _KINDS.get(name) or _KIND_OPTIONS.get(name)
        if wanted is None:
            raise wrong(f"structured_outputs.{name[:100]}", "is not known")
        if inner is not None and not isinstance(inner, wanted):
            raise wrong(f"structured_outputs.{name}", "is malformed")
    choice = value.get("choice")
    if choice is not None and (not choice or not all(isinstance(c, str) for c in choice)):
        raise wrong("structured_outputs.choice", "must be a list of strings")
    return kinds[0]
