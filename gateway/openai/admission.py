"""How many requests are worked on at once, and how many may wait for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.errors import Busy
from gateway.http import error_response

_PATIENCE_S = 30.0
"""Seconds that a request waits for its turn at most."""


class Admission:
    """Lets `most` requests in at once and `waiting` more stand in line, first come, first served.

    Whoever comes then is told to come back: a queue without an end answers nobody in time and
    fills the memory. `rejected` is called for each of those.
    """

    def __init__(
        self,
        most: int,
        waiting: int,
        *,
        rejected: Callable[[], None] = lambda: None,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self.in_flight = 0
        self.waiting = 0
        self._room = asyncio.Semaphore(most)
        self._most_waiting = waiting
        self._rejected = rejected
        self._patience_s = patience_s

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn, and hold it; raises `Busy` where the line is full or too slow."""
        try:
            await self._enter()
        except Busy:
            self._rejected()
            raise
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1
            self._room.release()

    async def _enter(self) -> None:
        if not self._room.locked():
            await self._room.acquire()  # at once
            return
        if self.waiting >= self._most_waiting:
            raise Busy(
                "Too many requests wait for an answer here; try again in a moment.",
                code="overloaded",
            )
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._room.acquire()
        except TimeoutError:
            raise Busy(
                f"There was no room for this request within {self._patience_s:g} seconds; try "
                "again in a moment.",
                code="overloaded",
            ) from None
        finally:
            self.waiting -= 1


class InTurn(Response):
    """An answer that is worked out when its turn comes, which lasts until it was sent."""

    def __init__(self, admission: Admission, answer: Callable[[], Awaitable[Response]]) -> None:
        self.background = None
        self._admission = admission
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Work the answer out and send it, or tell the client to come back."""
        try:
            async with self._admission.turn():
                response = await self._answer()
                await response(scope, receive, send)
        except Busy as error:
            await error_response(error)(scope, receive, send)
