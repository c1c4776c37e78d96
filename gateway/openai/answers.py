"""Answers as they leave: one place that writes headers, whoever spoke the words."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Self

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.openai.presence import ClientGone, ClientPresence

JSON = "application/json"
EVENTS = "text/event-stream; charset=utf-8"


def json_answer(body: bytes, request_id: str) -> Response:
    """A complete answer."""
    return Response(body, headers=_headers(request_id, JSON))


class EventAnswer(Response):
    """A streamed answer: each block of whole events goes out as it comes, none is held.

    `ended` is called once with True when everything was sent, with False when the client left
    first; the source of events is closed before that. Sending waits while the client does not
    read, and with it the source; after a minute or two of that the client counts as gone.
    """

    def __init__(
        self, events: AsyncGenerator[bytes, None], request_id: str, ended: Callable[[bool], None]
    ) -> None:
        self.status_code = 200
        self.background = None
        self.body = b""
        self.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in _headers(request_id, EVENTS).items()
        ]
        self._events = events
        self._ended = ended

    def through(
        self, rewrite: Callable[[AsyncGenerator[bytes, None]], AsyncGenerator[bytes, None]]
    ) -> Self:
        """The same answer in other events; what `rewrite` gives closes what it was given."""
        self._events = rewrite(self._events)
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, whatever happens close their source."""
        complete = False
        try:
            async with ClientPresence(receive) as client:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                number = 0
                async for block in self._events:
                    client.sending = number = number + 1
                    await send({"type": "http.response.body", "body": block, "more_body": True})
                    client.sending = 0
            complete = True
        except ClientGone:
            return
        finally:
            await self._events.aclose()
            self._ended(complete)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _headers(request_id: str, content_type: str) -> dict[str, str]:
    return {"content-type": content_type, "x-request-id": request_id}
