"""The reply to a mixed prompt as a stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from gateway.errors import ApiError
from gateway.openai.chunks import Chunks
from gateway.openai.mixed.speaking import Speaking, whole
from gateway.openai.sse import DONE, event


async def events(speaking: Speaking, chunks: Chunks) -> AsyncGenerator[bytes, None]:
    """The pieces of each part once it is answered; where the engine fails, one error event."""
    yield event(chunks.opening(0))
    said: list[str] = []
    finish = "stop"
    try:
        async with aclosing(speaking.choices()) as choices:
            async for choice in choices:
                finish = choice.finish_reason
                # How a reply ends at its limit stands with its last piece.
                until = len(choice.pieces) - (finish == "length")
                for number, piece in enumerate(choice.pieces[:until], len(said) + 1):
                    yield event(chunks.said(0, piece, number))
                said += choice.pieces
    except ApiError as error:
        yield event(error.body())
        return
    ending = whole(said, finish)
    last = "" if finish == "stop" else said[-1]
    yield event(chunks.said(0, last, ending.tokens, ending))
    if chunks.options.include_usage:
        yield event(chunks.usage(ending.tokens))
    yield DONE
