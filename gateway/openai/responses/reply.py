"""From a chat's answer to a response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.openai.responses.output import Output
from gateway.upstream.errors import malformed

UNREADABLE = (LookupError, TypeError, AttributeError)
"""What is raised where an engine's answer has another shape than a chat's."""
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the output of one response: the request, an id, Unix seconds."""

    asked: Mapping[str, Any]
    tail: str
    created: int

    def response(
        self,
        output: Output,
        status: str,
        *,
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The response as it stands; `finish_reason` and `usage` are the chat's."""
        reason = _INCOMPLETE.get(finish_reason or "")
        return {
            "id": f"resp_{self.tail}",
            "object": "response",
            "created_at": self.created,
            "status": status,
            "background": False,
            "error": error,
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [item.written() for item in output.items],
            "usage": _usage(usage) if usage else None,
            "previous_response_id": None,
            "store": False,
            "truncation": "disabled",
            **{name: self._asked(name, default) for name, default in _REPEATED.items()},
        }

    def _asked(self, name: str, default: Any) -> Any:
        value = self.asked.get(name)
        return default if value is None else value


# Fields of the request that the response repeats, and what stands for those left out.
_REPEATED: Mapping[str, Any] = {
    "model": None,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "service_tier": "auto",
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": None,
    "user": None,
}


def status_of(finish_reason: str | None) -> str:
    """How a response ends whose chat ended so."""
    return "incomplete" if finish_reason in _INCOMPLETE else "completed"


def reply_of(frame: Frame, completion: Mapping[str, Any]) -> dict[str, Any]:
    """The response that says what a chat's answer says; raises `UpstreamFailed` on none."""
    try:
        choice, output = completion["choices"][0], Output(frame.tail)
        reason = choice.get("finish_reason")
        status = status_of(reason)
        for _ in output.add(choice["message"], choice.get("logprobs")):
            pass
        for _ in output.close(status):
            pass
        return frame.response(output, status, finish_reason=reason, usage=completion.get("usage"))
    except UNREADABLE:
        raise malformed() from None


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    prompt = usage.get("prompt_tokens_details") or {}
    said = usage.get("completion_tokens_details") or {}
    return {
        "input_tokens": usage.get("prompt_tokens") or 0,
        "input_tokens_details": {
            "cached_tokens": prompt.get("cached_tokens") or 0,
            "cache_write_tokens": 0,
        },
        "output_tokens": usage.get("completion_tokens") or 0,
        "output_tokens_details": {"reasoning_tokens": said.get("reasoning_tokens") or 0},
        "total_tokens": usage.get("total_tokens") or 0,
    }
