"""Noticing that the client has gone, without a task group per request."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from starlette.types import Receive

_LOOK_S = 0.05
"""Seconds until the disconnect message is waited for: a shorter answer is spared the task."""


class ClientGone(Exception):  # an event, not an error
    """The client closed the connection before its answer was complete."""


class ClientPresence:
    """An async context that is cancelled when the client leaves, and then raises `ClientGone`.

    One task waits for the disconnect message of each request that takes a moment. The body must
    have been read, and the last part of the answer must be sent after the context: once an answer
    is complete, the server reports a disconnect too.

    A client that stays connected and does not read counts as gone as well: when one and the
    same `sending` lasts for `stall_s` seconds, at most twice as long.
    """

    def __init__(self, receive: Receive, stall_s: float = 60.0) -> None:
        self.sending = 0
        """Number of the block that is being sent; 0 while nothing is."""
        self._receive = receive
        self._stall_s = stall_s
        self._stalled = 0
        self._gone = False

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # coroutines run in tasks
        self._task = task
        self._watch: asyncio.Task[None] | None = None
        self._timer = task.get_loop().call_later(_LOOK_S, self._look)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._watch is not None:
            self._watch.remove_done_callback(self._leave)
            self._watch.cancel()
        if self._gone and kind is asyncio.CancelledError and self._task.uncancel() == 0:
            raise ClientGone from None

    def _look(self) -> None:
        loop = self._task.get_loop()
        self._watch = loop.create_task(self._until_gone())
        self._watch.add_done_callback(self._leave)
        self._timer = loop.call_later(self._stall_s, self._tick)

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _leave(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled() and watch.exception() is None:
            self._end()

    def _tick(self) -> None:
        if self.sending and self.sending == self._stalled:
            self._end()
            return
        self._stalled = self.sending
        self._timer = self._task.get_loop().call_later(self._stall_s, self._tick)

    def _end(self) -> None:
        if not self._gone:  # cancelled once: `__aexit__` takes one cancellation back
            self._gone = True
            self._task.cancel()
