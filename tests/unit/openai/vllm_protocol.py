"""Prints the fields of vLLM's requests, and replies as its server builds them, as JSON."""

from __future__ import annotations

import json
from typing import Any

from vllm.entrypoints.generate.base.protocol import DeltaMessage
from vllm.entrypoints.openai.chat_completion import protocol as chat
from vllm.entrypoints.openai.completion import protocol as completion
from vllm.entrypoints.openai.responses.protocol import ResponsesRequest
from vllm.entrypoints.serve.engine.protocol import UsageInfo


def main() -> None:
    def streamed(chunk: Any, **options: bool) -> Any:
        return json.loads(chunk.model_dump_json(exclude_unset=True, **options))

    usage = UsageInfo(prompt_tokens=3, completion_tokens=2, total_tokens=5)
    head: dict[str, Any] = {"id": "x", "created": 1, "model": "m"}
    chat_head = {**head, "object": "chat.completion.chunk"}
    text_head = {**head, "object": "text_completion"}
    chat_chunk, chat_choice = (
        chat.ChatCompletionStreamResponse,
        chat.ChatCompletionResponseStreamChoice,
    )
    text_chunk, text_choice = (
        completion.CompletionStreamResponse,
        completion.CompletionResponseStreamChoice,
    )
    text_end = {"logprobs": None, "prompt_token_ids": None, "token_ids": None}
    samples = {
        "chat": chat.ChatCompletionResponse(
            **head,
            usage=usage,
            choices=[
                chat.ChatCompletionResponseChoice(
                    index=0, message=chat.ChatMessage(role="assistant", content="a")
                )
            ],
        ).model_dump(),
        "text": completion.CompletionResponse(
            **head,
            usage=usage,
            choices=[completion.CompletionResponseChoice(index=0, text="a", finish_reason="stop")],
        ).model_dump(),
        "chat_stream": [
            streamed(
                chat_chunk(
                    **chat_head,
                    choices=[
                        chat_choice(
                            index=0,
                            delta=DeltaMessage(role="assistant", content=""),
                            logprobs=None,
                            finish_reason=None,
                        )
                    ],
                    prompt_token_ids=None,
                    prompt_text=None,
                )
            ),
            streamed(
                chat_chunk(
                    **chat_head,
                    choices=[
                        chat_choice(
                            index=0,
                            delta=DeltaMessage(content="a"),
                            logprobs=None,
                            finish_reason=None,
                            token_ids=None,
                        )
                    ],
                )
            ),
            streamed(
                chat_chunk(
                    **chat_head,
                    choices=[
                        chat_choice(
                            index=0,
                            delta=DeltaMessage(content=""),
                            logprobs=None,
                            finish_reason="stop",
                            stop_reason=None,
                            token_ids=None,
                        )
                    ],
                )
            ),
            streamed(
                chat_chunk(**chat_head, choices=[], usage=usage, system_fingerprint=None),
                exclude_none=True,
            ),
        ],
        "text_stream": [
            streamed(
                text_chunk(
                    **text_head,
                    choices=[
                        text_choice(
                            index=0, text=text, finish_reason=reason, stop_reason=None, **text_end
                        )
                    ],
                )
            )
            for text, reason in (("a", None), ("", "stop"))
        ],
    }
    fields = {
        "chat/completions": list(chat.ChatCompletionRequest.model_fields),
        "completions": list(completion.CompletionRequest.model_fields),
        "responses": list(ResponsesRequest.model_fields),
    }
    print(json.dumps({"fields": fields, "samples": samples}))


if __name__ == "__main__":
    main()
