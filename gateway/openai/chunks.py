"""The chunks of a streamed reply of our own, in the shapes that vLLM streams in."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from gateway.openai.choices import Choice
from gateway.openai.fields import Route
from gateway.openai.options import Options


def reply_id(route: Route, request_id: str) -> str:
    """The id that vLLM gives the reply to a request."""
    return f"chatcmpl-{request_id}" if route is Route.CHAT else f"cmpl-{request_id}"


def token_usage(prompt: int, completion: int) -> dict[str, Any]:
    """What was used, in tokens."""
    return {
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "completion_tokens": completion,
    }


@dataclass(frozen=True, slots=True)
class Chunks:
    """Writes the chunks of one reply: an opening for each choice, what it says, the usage."""

    route: Route
    model: str
    request_id: str
    system_fingerprint: str | None
    prompt_tokens: int
    options: Options
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self, index: int) -> dict[str, Any]:
        """The first chunk of a choice of a chat."""
        start = {"delta": {"role": "assistant", "content": ""}}
        choice = {"index": index, **start, "logprobs": None, "finish_reason": None}
        return self._chunk([choice], 0, prompt_token_ids=None, prompt_text=None)

    def said(
        self,
        index: int,
        text: str,
        tokens: int,
        ending: Choice | None = None,
        logprobs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What a choice says next, its tokens up to there, and on its last chunk how it ends."""
        tell = ending and not self.options.include_usage and self.system_fingerprint
        more = {"system_fingerprint": self.system_fingerprint} if tell else {}
        return self._chunk([self._choice(index, text, ending, logprobs)], tokens, **more)

    def usage(self, completion: int) -> dict[str, Any]:
        """The chunk after all others, where the client asked for it."""
        content = self._chunk([], 0)
        content["usage"] = token_usage(self.prompt_tokens, completion)
        if self.system_fingerprint is not None:
            content["system_fingerprint"] = self.system_fingerprint
        return content

    def _chunk(self, choices: list[dict[str, Any]], completion: int, **more: Any) -> dict[str, Any]:
        chat = self.route is Route.CHAT
        content: dict[str, Any] = {
            "id": reply_id(self.route, self.request_id),
            "object": "chat.completion.chunk" if chat else "text_completion",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }
        if self.options.continuous_usage:
            content["usage"] = token_usage(self.prompt_tokens, completion)
            if chat:
                content["usage"]["completion_tokens_details"] = None
        return content | more

    def _choice(
        self, index: int, text: str, ending: Choice | None, logprobs: dict[str, Any] | None
    ) -> dict[str, Any]:
        chat = self.route is Route.CHAT
        end: dict[str, Any] = {
            "logprobs": logprobs,
            "finish_reason": ending.finish_reason if ending else None,
        }
        if not chat or ending:
            end["stop_reason"] = ending.stop_reason if ending else None
        if not chat:
            return {"index": index, "text": text, **end, "prompt_token_ids": None,
                    "token_ids": None}  # fmt: skip
        name = "refusal" if self.options.structured else "content"
        return {"index": index, "delta": {name: text}, **end, "token_ids": None}
