"""The model's stream, passed on."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from gateway.errors import ApiError, UpstreamFailed
from gateway.openai.sse import WholeEvents, event
from gateway.upstream import UpstreamStream


async def relay(stream: UpstreamStream) -> AsyncGenerator[bytes, None]:
    """Whole events as they come; where the stream breaks, one error event and no `[DONE]`."""
    whole = WholeEvents()
    try:
        async for chunk in stream:
            if block := whole.feed(chunk):
                yield block
        if not whole.done:
            raise UpstreamFailed("The model server's answer broke off.", code="upstream_broken")
    except ApiError as error:
        yield event(error.body())
    finally:
        stream.close()
