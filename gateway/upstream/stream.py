"""A streamed answer of vLLM, as the bytes arrive."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Self

import aiohttp

from gateway.upstream.endpoint import Endpoint
from gateway.upstream.errors import from_exception

# In JSON a quote inside a string is escaped: these bytes can only be the field itself.
_FINGERPRINT = re.compile(rb'[{,]"system_fingerprint":"([^"\\]{1,200})"')


class UpstreamStream:
    """An async iterator over the body of a streamed answer, in the chunks that arrive.

    Raises `ApiError` when the stream breaks. `close` must be called at the end, whatever the
    end; before the last byte it drops the connection, which cancels the generation. `begun` is
    called when the first chunk has come.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        response: aiohttp.ClientResponse,
        begun: Callable[[], None] = lambda: None,
    ) -> None:
        self._endpoint = endpoint
        self._response = response
        self._closed = False
        self._unread = b""
        self._begun: Callable[[], None] | None = begun

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._unread:
            chunk, self._unread = self._unread, b""
            return chunk
        try:
            chunk = await self._response.content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise from_exception(error) from error
        if not chunk:
            raise StopAsyncIteration
        if self._begun is not None:
            self._begun()
            self._begun = None
        if self._endpoint.system_fingerprint is None:
            found = _FINGERPRINT.search(chunk)
            if found is not None:
                self._endpoint.system_fingerprint = found[1].decode("utf-8", "replace")
        return chunk

    def unread(self, chunk: bytes) -> None:
        """Give back the chunk that was read last: it comes again."""
        self._unread = chunk

    def close(self) -> None:
        """Let the connection go; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._endpoint.outstanding -= 1
            self._response.close()
