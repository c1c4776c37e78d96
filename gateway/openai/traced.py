"""One request that may be kept: what was asked, the verdict, how the reply began, how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from gateway.openai.answers import EventAnswer
from gateway.openai.prepare import Prepared

if TYPE_CHECKING:
    from gateway.openai.judging import Judgement

Keep = Callable[[Mapping[str, Any]], None]
"""Takes what is to be kept: it holds a prompt, so it is sealed, and expires."""

KEPT = frozenset({"enforced", "bypassed_error"})
"""Outcomes of requests that are kept."""
_REPLY = 4 * 2**10
"""Bytes of a reply that are kept."""


class Trace:
    """Collects one request; hands it over once it has ended, and its reply has begun."""

    def __init__(self, prepared: Prepared, judged: Judgement, request_id: str, keep: Keep) -> None:
        self._prepared = prepared
        self._judged = judged
        self._request_id = request_id
        self._keep = keep
        self._outcome: str | None = None
        self._reply: bytes | None = None

    def ended(self, outcome: str) -> None:
        """Note how the request ended."""
        self._outcome = outcome
        self._offer()

    def reading(self, response: Response) -> Response:
        """The same response, whose beginning is noted as it leaves."""
        if isinstance(response, EventAnswer):
            return response.through(self._read)
        self._reply = bytes(response.body)[:_REPLY]
        self._offer()
        return response

    async def _read(self, events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        begun = b""
        async with aclosing(events):
            try:
                async for block in events:
                    if len(begun) < _REPLY:
                        begun += block[: _REPLY - len(begun)]
                    yield block
            finally:
                self._reply = begun
                self._offer()

    def _offer(self) -> None:
        if self._reply is None or self._outcome not in KEPT:
            return
        prepared, judged = self._prepared, self._judged
        self._keep(
            {
                "request_id": self._request_id,
                "route": f"/v1/{prepared.route}",
                "model": prepared.model,
                "outcome": self._outcome,
                "way": judged.way,
                "ids": judged.ids,
                "matches": judged.matches,
                "conversations": [
                    [{"role": m.role, "content": m.text} for m in conversation.messages]
                    for conversation in prepared.conversations
                ],
                "reply": self._reply.decode(errors="replace"),
            }
        )
