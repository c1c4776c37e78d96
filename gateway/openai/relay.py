"""The model's stream, passed on."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from gateway.errors import ApiError, UpstreamFailed
from gateway.openai.leaving import Leaving
from gateway.openai.sse import Event, EventReader, event
from gateway.openai.stranded import FilteredEnd
from gateway.upstream import UpstreamStream


async def relay(
    stream: UpstreamStream, leaving: Leaving, stranded: FilteredEnd | None = None
) -> AsyncGenerator[bytes, None]:
    """What may go out of the events as they come; where the stream breaks, one error event.

    Once nothing more would go out the connection is dropped, which cancels the generation.
    """
    reader = EventReader()
    try:
        async for chunk in stream:
            read: list[Event] = reader.feed(chunk)
            if stranded is not None:
                read = [stranded.feed(*each) for each in read]
            block, failed = await leaving.block(read)
            if block:
                yield block
            if failed is not None:
                raise failed
            if leaving.stopped:
                break
        else:
            if not reader.done:
                raise UpstreamFailed("The model server's answer broke off.", code="upstream_broken")
        stream.close()
        async for block in leaving.end():
            yield block
    except ApiError as error:
        yield event(error.body())
    finally:
        stream.close()
