"""Who asks in a chat, and what the chat ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.openai.options import Options
from guards import Conversation


def caller_of(body: Mapping[str, Any]) -> str | None:
    """Whom the client speaks for, by OpenAI's older field or its newer one."""
    for name in ("user", "safety_identifier"):
        value = body.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def asked_of(body: Mapping[str, Any], conversation: Conversation, options: Options) -> str | None:
    """The user message that a chat ends with, where a plain text could answer it."""
    messages = body.get("messages")
    if not messages or options.shaped:
        return None
    # The conversation has the client's messages under their own index.
    last = conversation.messages[len(messages) - 1]
    if last.role != messages[-1]["role"] or last.role != "user":
        return None
    content = messages[-1].get("content")  # beside it may stand the name of who wrote it
    return content if isinstance(content, str) else last.text
