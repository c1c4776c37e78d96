"""The model's stream, passed on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from gateway.errors import ApiError, UpstreamFailed
from gateway.openai.sse import WholeEvents, event
from gateway.upstream import UpstreamStream


async def relay(
    stream: UpstreamStream, first: bytes = b"", rewrite: Callable[[bytes], bytes] | None = None
) -> AsyncGenerator[bytes, None]:
    """Whole events as they come; where the stream breaks, one error event and no `[DONE]`.

    `first` has been read from the stream already. `rewrite` is given each block of whole events.
    """
    whole = WholeEvents()
    try:
        if first and (block := whole.feed(first)):
            yield rewrite(block) if rewrite else block
        async for chunk in stream:
            if block := whole.feed(chunk):
                yield rewrite(block) if rewrite else block
        if not whole.done:
            raise UpstreamFailed("The model server's answer broke off.", code="upstream_broken")
    except ApiError as error:
        yield event(error.body())
    finally:
        stream.close()
