"""Refused requests answered in the model's voice, in the shapes that vLLM answers in."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway.openai.choices import Choice
from gateway.openai.chunks import Chunks, reply_id, token_usage
from gateway.openai.fields import Route
from gateway.openai.likelihoods import likelihoods
from gateway.openai.options import Options
from gateway.openai.sse import DONE, event


@dataclass(frozen=True, slots=True)
class Refusal:
    """A whole reply: its choices, and what the engine would have said around them.

    `key` decides on the probabilities of its tokens, where they are asked for.
    """

    route: Route
    model: str
    request_id: str
    system_fingerprint: str | None
    prompt_tokens: int
    choices: tuple[Choice, ...]
    options: Options
    key: bytes = field(default=b"", repr=False)

    @property
    def _chat(self) -> bool:
        return self.route is Route.CHAT

    def body(self) -> bytes:
        """The reply in one piece."""
        usage = token_usage(self.prompt_tokens, sum(choice.tokens for choice in self.choices))
        usage |= {"prompt_tokens_details": None, "completion_tokens_details": None}
        reply: dict[str, Any] = {
            "id": reply_id(self.route, self.request_id),
            "object": "chat.completion" if self._chat else "text_completion",
            "created": int(time.time()),
            "model": self.model,
            "choices": [self._whole(i, choice) for i, choice in enumerate(self.choices)],
            "service_tier": None,
            "system_fingerprint": self.system_fingerprint,
            "usage": usage,
        }
        extras = ("prompt_logprobs", "prompt_token_ids", "prompt_text") if self._chat else ()
        reply |= dict.fromkeys(
            (*extras, "kv_transfer_params", "ec_transfer_params", "metrics"), None
        )
        return orjson.dumps(reply)

    def _whole(self, index: int, choice: Choice) -> dict[str, Any]:
        end: dict[str, Any] = {
            "logprobs": self._likelihoods(index, choice.pieces),
            "finish_reason": choice.finish_reason,
            "stop_reason": choice.stop_reason,
            "token_ids": None,
        }
        if not self._chat:
            return {
                "index": index,
                "text": choice.text,
                **end,
                "prompt_logprobs": None,
                "prompt_token_ids": None,
                "routed_experts": None,
            }
        structured = self.options.structured
        message = {
            "role": "assistant",
            "content": None if structured else choice.text,
            "refusal": (choice.text or None) if structured else None,
            "annotations": None,
            "audio": None,
            "function_call": None,
            "reasoning": None,
        }
        return {"index": index, "message": message, **end, "routed_experts": None}

    async def events(self) -> AsyncGenerator[bytes, None]:
        """The reply as a stream, one block of bytes per event."""
        for content in self._chunks():
            yield event(content)
        yield DONE

    def _chunks(self) -> Iterator[dict[str, Any]]:
        chunks = Chunks(
            self.route,
            self.model,
            self.request_id,
            self.system_fingerprint,
            self.prompt_tokens,
            self.options,
        )
        if self._chat:
            for index in range(len(self.choices)):
                yield chunks.opening(index)
        # The engine generates the choices of one request side by side.
        for step in range(max(len(self._steps(choice)) for choice in self.choices)):
            for index, choice in enumerate(self.choices):
                steps = self._steps(choice)
                if step >= len(steps):
                    continue
                last = step == len(steps) - 1
                text, ending = steps[step], choice if last else None
                tokens = choice.tokens if last else step + 1
                logprobs = self._likelihoods(index, [text], steps[:step])
                yield chunks.said(index, text, tokens, ending, logprobs)
        if self.options.include_usage:
            yield chunks.usage(sum(choice.tokens for choice in self.choices))

    def _steps(self, choice: Choice) -> tuple[str, ...]:
        """What each chunk says; a reply that ends by itself ends with an empty one."""
        ended = choice.finish_reason == "stop" and choice.stop_reason is None
        return (*choice.pieces, "") if ended or not choice.pieces else choice.pieces

    def _likelihoods(
        self, index: int, pieces: Sequence[str], before: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        if not self.options.logprobs or self.options.structured or not any(pieces):
            return None
        key = self.key + index.to_bytes(2, "big")
        offset = sum(map(len, before))
        return likelihoods(pieces, key, chat=self._chat, begin=len(before), offset=offset)
