"""The names of a chat's fields in errors, as those of the Responses request they came from."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MESSAGE = re.compile(r"messages\[(\d+)\]")
_NAMES = (
    (re.compile(r"\bmessages\b"), "input"),
    (re.compile(r"^(tools\[\d+\])\.function"), r"\1"),
    (re.compile(r"^response_format\.json_schema"), "text.format"),
    (re.compile(r"^response_format"), "text.format"),
    (re.compile(r"^max_(?:completion_)?tokens$"), "max_output_tokens"),
    (re.compile(r"^reasoning_effort$"), "reasoning.effort"),
    (re.compile(r"^logprobs$"), "include"),
)


def renamed(message: str, param: str, origins: Sequence[str]) -> tuple[str, str]:
    """An error's message and param; `origins` as in `Translated`.

    Of what is wrong inside a message, the item that the message began with is named.
    """
    found = _MESSAGE.match(param)
    if found and int(found[1]) < len(origins):
        name = origins[int(found[1])]
    else:
        name = param
        for pattern, written in _NAMES:
            name = pattern.sub(written, name)
    return re.sub(rf"(?<!\w){re.escape(param)}(?!\w)", lambda _: name, message, count=1), name
