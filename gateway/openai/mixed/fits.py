"""Whether a request is one that can be answered in parts."""

from __future__ import annotations

from gateway.openai.fields import Route
from gateway.openai.prepare import Prepared

_UNFIT = ("tools", "min_tokens", "ignore_eos", "stop_token_ids", "continue_final_message")
"""Fields that mean one answer of the engine, from its beginning to its end."""


def last_text(prepared: Prepared) -> str | None:
    """The text of the user message that a plain chat ends with; None of any other request.

    Spans of the screened message are spans of it. Several choices, probabilities, structures,
    tools and stop strings belong to one answer of the engine: what asks for them is not mixed.
    """
    body, options = prepared.body, prepared.options
    plain = options.n == 1 and not options.detailed and not options.stop
    whole = body.get("add_generation_prompt") is False or any(body.get(name) for name in _UNFIT)
    if prepared.route is not Route.CHAT or not plain or whole:
        return None
    last = body["messages"][-1]
    content = last.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content = content[0].get("text")
    screened = prepared.conversations[0].messages[-1]
    if last["role"] != "user" or not isinstance(content, str) or screened.text != content:
        return None
    return content
