"""Every text inside a JSON value, where texts can hide: schemas, tools, encoded arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

# Words of JSON schema and of the tool format itself; they say nothing.
_FORMAT = frozenset(
    {
        *("type", "function", "object", "string", "number", "integer", "boolean", "array"),
        *("null", "name", "description", "parameters", "properties", "required", "items"),
        *("enum", "anyOf", "oneOf", "allOf", "additionalProperties", "strict", "arguments"),
        *("json_schema", "json_object", "schema", "title", "default", "format", "const", "text"),
    }
)


def texts_in(value: Any) -> Iterator[str]:
    """Keys and strings of a JSON value at any depth, in reading order.

    A string that holds JSON itself is given as it is and once more with its escapes resolved,
    because a template may render either.
    """
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if item and item not in _FORMAT:
                yield item
                inner = _encoded(item)
                if inner is not None:
                    waiting.append(inner)
        elif isinstance(item, dict):
            for key, inner in reversed(item.items()):
                waiting.append(inner)
                waiting.append(key)
        elif isinstance(item, list):
            waiting.extend(reversed(item))


def _encoded(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
